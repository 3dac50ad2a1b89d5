import { mayInvite } from '#access';
import { Refusal, type CreateInvite } from '#contracts';
import { Invite, loadTarget, Membership, Organization } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';
import { closeExpiredInvite } from './expire.ts';
import { openInvite, personKey } from './open.ts';

/** Invites somebody; while an invite of the person is open, that one is returned and nothing changes. */
export async function createInvite(
  decision: Decision,
  organizationId: string,
  input: CreateInvite,
): Promise<{ invite: Invite; isNew: boolean }> {
  const { em, actor } = decision;
  const organization = await em.findOne(Organization, { id: organizationId });
  const target = await loadTarget(em, organizationId);
  if (!organization || !target) throw new Refusal('not_found');
  const now = await decision.now();
  const subject = await subjectOf(em, actor);
  const contents = {
    workspaceRole: input.workspaceRole ?? null,
    administratorRoles: input.administratorRoles ?? [],
    scope: input.scope ?? { kind: 'client' as const },
    appTray: input.appTray ?? { botBuilder: [], applications: [] },
  };
  const ruling = mayInvite(subject, target, contents, now);
  if (!ruling.allowed) {
    return refuseAct(
      {
        action: 'invite.created',
        organizationIds: [organizationId],
        subject: { kind: 'organization', id: organizationId },
      },
      ruling.code,
    );
  }

  const key = await personKey(em, input.email);
  if (
    await em.findOne(Membership, { organizationId, accountId: isAccount(key) ? key : organizationId, removedAt: null })
  ) {
    throw new Refusal('already_member');
  }
  const open = await lockRow(em, Invite, { organizationId, personKey: key, status: { $in: ['pending', 'failed'] } });
  if (open && open.expiresAt > now) return { invite: open, isNew: false };
  if (open) {
    await closeExpiredInvite(decision, open, now);
    await em.flush();
  }
  const invite = await openInvite(decision, organization, {
    email: input.email,
    displayName: input.displayName ?? null,
    ...contents,
    invitedById: actor.id,
    now,
  });
  return { invite, isNew: true };
}

/** A person's key is an account's id or, where there is none, an address. */
const isAccount = (key: string) => !key.includes('@');
