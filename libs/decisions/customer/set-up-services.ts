import { maySetUpServices, organizationSight, serviceSetupPartners } from '#access';
import type { ServiceSetupView } from '#contracts';
import { CustomerAssignment, holdStanding } from '#persistence';
import type { Decision } from '../decision.ts';
import { requireSightFor } from '../organization/sight.ts';
import { refuseAct } from '../refuse-act.ts';
import { choosePartner } from '../require-partner.ts';

/**
 * Somebody of a partner sets up services for a customer that exists already: that makes them its provisioning
 * administrator, a role nobody assigns by hand. Once more changes nothing.
 */
export async function setUpServices(
  decision: Decision,
  customerId: string,
  named: string | undefined,
): Promise<ServiceSetupView> {
  const { em, actor } = decision;
  await holdStanding(em, actor.id ? [actor.id] : [], customerId);
  const now = await decision.now();
  const act = {
    action: 'customer.services-set-up',
    organizationIds: [customerId],
    subject: { kind: 'organization', id: customerId },
  };
  const { subject, target } = await requireSightFor(act, em, actor, customerId, organizationSight, now);

  const partnerId = named ?? choosePartner(subject, serviceSetupPartners(subject, target, now));
  const ruling = maySetUpServices(subject, partnerId, target, now);
  const membership = subject.memberships.find((one) => one.organizationId === partnerId && one.kind === 'home');
  if (!ruling.allowed || !membership || actor.kind !== 'account') {
    return refuseAct(
      { ...act, organizationIds: [customerId, ...(membership ? [partnerId] : [])] },
      ruling.allowed ? 'not_partner_level_administrator' : ruling.code,
    );
  }

  const source = 'service_setup' as const;
  const former = await em.findOne(CustomerAssignment, { membershipId: membership.id, customerId, source });
  const setup =
    former ??
    em.create(CustomerAssignment, { membershipId: membership.id, partnerId, customerId, source, createdAt: now });
  await em.flush();
  if (!former) {
    decision.record({
      ...act,
      by: ruling.by,
      organizationIds: [customerId, partnerId],
      facts: { accountId: subject.accountId, derivedRole: 'provisioning_administrator' },
      standing: {
        assignments: [{ membershipId: membership.id, accountId: subject.accountId, partnerId, customerId, source }],
      },
      at: now,
    });
  }
  return {
    id: setup.id,
    customerId,
    partnerId,
    accountId: subject.accountId,
    derivedRole: 'provisioning_administrator',
    createdAt: setup.createdAt.toISOString(),
  };
}
