import { Refusal } from '#contracts';

/** Whoever works for several partners of the customer says for which of them they act. */
export function requirePartner(partnerIds: readonly string[]): never {
  throw new Refusal('partner_required', {
    partnerIds,
    errors: [{ pointer: '/partnerId', message: 'One of the partners named in `partnerIds`' }],
  });
}
