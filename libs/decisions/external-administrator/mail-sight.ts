import { seesAsDecidingSide, type Subject } from '#access';
import type { ExternalAdministratorRequest } from '#persistence';
import type { MailSight } from '../mail-delivery/index.ts';
import { partiesOfRequest } from './parties.ts';

/**
 * Whose mails about a request the viewer knows of: the customer's side of all. The partner's side, before an approval, of
 * those to the requester alone, which are the same whether or not there is such a customer.
 */
export function mailSightOf(request: ExternalAdministratorRequest, viewer: Subject, now: Date): MailSight {
  const { id: rowId, status, partnerId, requesterId } = request;
  if (seesAsDecidingSide(viewer, partiesOfRequest(request), now)) return { rowId };
  return status === 'approved' ? { rowId, organizationId: partnerId } : { rowId, accountId: requesterId };
}
