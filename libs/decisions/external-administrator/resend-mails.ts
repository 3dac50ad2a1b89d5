import { maySeeExternalAdministratorRequest, seesRequestAsCustomer } from '#access';
import { Refusal } from '#contracts';
import type { ExternalAdministratorRequest } from '#persistence';
import type { Decision } from '../decision.ts';
import { resendLostMails } from '../mail-delivery/resend-lost.ts';
import { openRequestCase } from './find.ts';
import { mailSightOf } from './mail-sight.ts';

/**
 * Has the lost mails about a request tried again, those that the actor knows of; whoever sees the request may. Before an
 * approval only the actor's own side has it on record, for it would tell the partner that there is such a customer.
 */
export async function resendExternalAdministratorMails(
  decision: Decision,
  requestId: string,
): Promise<ExternalAdministratorRequest> {
  const { request, parties, actor, now } = await openRequestCase(decision, requestId);
  if (!maySeeExternalAdministratorRequest(actor, parties, now).allowed) throw new Refusal('not_found');
  const mails = await resendLostMails(decision, mailSightOf(request, actor, now));
  if (mails === 0) return request;
  const { customerId, partnerId, status } = request;
  const isCustomers = customerId && seesRequestAsCustomer(actor, parties, now);
  decision.record({
    action: 'external-administrator.mails-resent',
    organizationIds: [
      ...(customerId && (isCustomers || status === 'approved') ? [customerId] : []),
      ...(!isCustomers || status === 'approved' ? [partnerId] : []),
    ],
    subject: { kind: 'external-administrator', id: request.id },
    facts: { mails },
    at: now,
  });
  return request;
}
