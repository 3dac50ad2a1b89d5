import type { Subject } from '#access';
import { Refusal } from '#contracts';

/**
 * The one partner for which the subject may act here; whoever works for several of them says for which. Where it is
 * none, the partner they work for at home, so that the refusal is about that, or nothing.
 */
export function choosePartner(subject: Subject, partnerIds: readonly string[]): string {
  if (partnerIds.length > 1) {
    throw new Refusal('partner_required', {
      partnerIds,
      errors: [{ pointer: '/partnerId', message: 'One of the partners named in `partnerIds`' }],
    });
  }
  const home = subject.memberships.find(
    ({ kind, organizationKind }) => kind === 'home' && organizationKind === 'partner',
  );
  return partnerIds[0] ?? home?.organizationId ?? '';
}
