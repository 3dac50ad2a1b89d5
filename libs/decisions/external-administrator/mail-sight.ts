import { seesRequestAsCustomer, type Subject } from '#access';
import type { ExternalAdministratorRequest } from '#persistence';
import type { MailSight } from '../mail-delivery/index.ts';
import { externalAdministratorPartiesOf } from './find.ts';

/**
 * Whose mails about a request the viewer knows of: the customer's side of all. The partner's side, before an approval, of
 * those to the asker alone, which are the same whether or not there is such a customer.
 */
export function mailSightOf(request: ExternalAdministratorRequest, viewer: Subject, now: Date): MailSight {
  const { id: rowId, status, partnerId, requesterId } = request;
  if (seesRequestAsCustomer(viewer, externalAdministratorPartiesOf(request), now)) return { rowId };
  return status === 'approved' ? { rowId, organizationId: partnerId } : { rowId, accountId: requesterId };
}
