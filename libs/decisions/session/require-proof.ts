import { isAssured } from '#access';
import type { RefusalDetails } from '#contracts';
import { Organization, type Standing } from '#persistence';
import type { Decision } from '../decision.ts';

/**
 * What is missing where the organization asks for a fresh proof before somebody decides for it; null where nothing is.
 * Asked once the right was judged, so that nobody proves anything for an act that is not theirs. Time decides without a
 * proof, and the support team by its own rules; whoever else has no session cannot give one.
 */
export async function missingProof(
  { em, actor }: Decision,
  organizationId: string | null,
  now: Date,
  /** Where the organization is in hand already. */
  standing?: Standing,
): Promise<RefusalDetails | null> {
  if (actor.kind === 'clock' || actor.kind === 'support') return null;
  const inHand = organizationId === null ? null : standing?.organizations.get(organizationId);
  const organization = inHand === undefined ? await em.findOne(Organization, { id: organizationId }) : inHand;
  const needed = organization?.approvalAssurance ?? 'session';
  if (needed === 'session' || (actor.session && isAssured(actor.session, needed, now))) return null;
  const provider = actor.session?.method === 'sso' && organization;
  return { needed, at: provider ? `/sso/${organization.slug}/start` : '/v1/sessions/current/proof' };
}
