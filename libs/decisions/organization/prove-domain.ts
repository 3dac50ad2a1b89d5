import { mayChangeAuthentication, organizationSight } from '#access';
import { recordUnseen } from '#audit';
import { Refusal, type DomainView } from '#contracts';
import { domainRecord, type DomainRecord } from '#identity';
import { inSystemRole, Organization } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { refuseAct } from '../refuse-act.ts';
import { missingProof } from '../session/require-proof.ts';
import { requireSight, requireSightFor } from './sight.ts';

/** The domains an organization claims, which are proven, and the record that proves each. */
export async function listDomains(decision: Decision, organizationId: string): Promise<DomainView[]> {
  const { em, actor } = decision;
  await requireSight(em, actor, organizationId, organizationSight, await decision.now());
  const organization = await em.findOneOrFail(Organization, { id: organizationId });
  return organization.domains.map((domain) => viewDomain(decision, organization, domain));
}

/**
 * The record to look for, for whoever may prove the domain. It is looked up between this and `proveDomain`: no
 * transaction waits for somebody's name servers.
 */
export async function recordToFind(decision: Decision, organizationId: string, domain: string): Promise<DomainRecord> {
  await requireOwnDomain(decision, organizationId, domain, await decision.now());
  return domainRecord(decision.settings.inviteKeys, organizationId, domain);
}

/**
 * The domain is the organization's if its record was among those found. A domain has one owner at a time: whoever has
 * proven it before has it no more, and reads so in its own trail.
 */
export async function proveDomain(
  decision: Decision,
  organizationId: string,
  domain: string,
  found: readonly string[],
): Promise<DomainView> {
  const { em, actor } = decision;
  const organization = await lockRow(em, Organization, { id: organizationId });
  if (!organization) throw new Refusal('not_found');
  const now = await decision.now();
  const { act, by } = await requireOwnDomain(decision, organizationId, domain, now);
  const record = domainRecord(decision.settings.inviteKeys, organizationId, domain);
  if (![record.value, ...record.otherValues].some((value) => found.includes(value))) {
    return refuseAct(act, 'domain_not_proven', { recordName: record.name, recordValue: record.value });
  }
  if (organization.provenDomains.includes(domain)) return viewDomain(decision, organization, domain);
  organization.provenDomains = [...organization.provenDomains, domain];
  decision.record({ ...act, by, facts: { domain }, at: now });
  await em.flush();
  for (const formerId of await takeFromOthers(decision, organizationId, domain)) {
    await recordUnseen(em, {
      action: 'organization.domain-lost',
      actor: { kind: actor.kind, id: null },
      organizationIds: [formerId],
      subject: { kind: 'organization', id: formerId },
      facts: { domain },
      at: now,
    });
  }
  return viewDomain(decision, organization, domain);
}

/** Proves how people are believed, so the right is that of the authentication settings. */
async function requireOwnDomain(decision: Decision, organizationId: string, domain: string, now: Date) {
  const { em, actor } = decision;
  const act = {
    action: 'organization.domain-proven',
    organizationIds: [organizationId],
    subject: { kind: 'organization', id: organizationId },
  };
  const { subject, target } = await requireSightFor(act, em, actor, organizationId, organizationSight, now);
  const ruling = mayChangeAuthentication(subject, target, now);
  if (!ruling.allowed) return refuseAct(act, ruling.code);
  if (actor.kind !== 'account') return refuseAct(act, 'authentication_is_the_tenants_own');
  const { domains } = await em.findOneOrFail(Organization, { id: organizationId });
  if (!domains.includes(domain)) throw new Refusal('not_found');
  const missing = await missingProof(decision, organizationId, now);
  if (missing) return refuseAct(act, 'step_up_required', missing);
  return { act, by: ruling.by };
}

async function takeFromOthers({ em }: Decision, organizationId: string, domain: string): Promise<string[]> {
  const rows = await inSystemRole(em, () =>
    em.execute<{ id: string }[]>(
      `update organization set proven_domains = array_remove(proven_domains, ?), version = version + 1
       where proven_domains @> array[?]::text[] and id <> ? returning id`,
      [domain, domain, organizationId],
    ),
  );
  return rows.map(({ id }) => id);
}

function viewDomain({ settings }: Decision, { id, provenDomains }: Organization, domain: string): DomainView {
  const { name, value } = domainRecord(settings.inviteKeys, id, domain);
  return { domain, proven: provenDomains.includes(domain), recordName: name, recordValue: value };
}
