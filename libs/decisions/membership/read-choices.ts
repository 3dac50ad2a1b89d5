import {
  administratorRoles,
  isPartnerRole,
  mayAssignAdministratorRoles,
  mayAssignBotBuilder,
  mayChangeLogDecryption,
  mayChangeWorkspaceRole,
  mayConfirmAppointment,
  mayRemoveMember,
  peopleSight,
  workspaceRoles,
  type AdministratorRole,
  type Ruling,
  type WorkspaceRole,
} from '#access';
import { Refusal } from '#contracts';
import { databaseNow, loadTarget, RoleAppointment, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { requireSight } from '../organization/sight.ts';
import { subjectOf } from '../subject-of.ts';
import { readWithThoseWhoAnswer } from './administrators.ts';
import { isInReach } from './in-reach.ts';
import { describeTarget } from './open-member.ts';

/** What the viewer may do with a member and, where they may not, the code that says why; judged again by the act. */
export interface MemberChoices {
  workspaceRoles: { role: WorkspaceRole; held: boolean; barred: string | null }[];
  removeWorkspaceRole: string | null;
  /** Each role as it would be after ticking or unticking it. */
  administratorRoles: { role: AdministratorRole; held: boolean; barred: string | null }[];
  decryptLogs: { held: boolean; barred: string | null };
  botBuilder: string | null;
  remove: string | null;
  /** Standing behind the member as full administrator. */
  confirm: string | null;
}

const barred = (ruling: Ruling): string | null => (ruling.allowed ? null : ruling.code);

/** Asks the rules of every act, without doing any: what a form offers and what it explains. */
export async function readMemberChoices(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  memberId: string,
): Promise<MemberChoices> {
  const target = await loadTarget(em, organizationId);
  const members = await readWithThoseWhoAnswer(em, organizationId, { id: memberId });
  const membership = members.find(({ id }) => id === memberId);
  const now = await databaseNow(em);
  const subject = await subjectOf(em, actor);
  if (membership?.accountId !== subject.accountId) await requireSight(em, actor, organizationId, peopleSight, now);
  if (!target || !membership || !isInReach(subject, target, membership, now)) throw new Refusal('not_found');
  const member = await describeTarget(em, membership, members);
  const { scope } = member;
  const held = membership.administratorRoles;
  const toggled = (role: AdministratorRole) =>
    held.includes(role) ? held.filter((one) => one !== role) : [...held, role];
  const appointment = await em.findOne(RoleAppointment, {
    membershipId: memberId,
    role: 'full_administrator',
    endedAt: null,
  });
  const appointedFor = appointment?.partnerId ?? null;
  return {
    workspaceRoles: workspaceRoles.map((role) => ({
      role,
      held: membership.workspaceRole === role,
      barred: barred(mayChangeWorkspaceRole(subject, target, member, { to: role, scope }, now)),
    })),
    removeWorkspaceRole: barred(mayChangeWorkspaceRole(subject, target, member, { to: null, scope }, now)),
    administratorRoles: administratorRoles
      .filter((role) => target.kind === 'partner' || !isPartnerRole(role))
      .map((role) => ({
        role,
        held: held.includes(role),
        barred: barred(mayAssignAdministratorRoles(subject, target, member, toggled(role), now)),
      })),
    decryptLogs: {
      held: membership.decryptLogs,
      barred: barred(
        mayChangeLogDecryption(subject, target, member, { on: !membership.decryptLogs, purpose: 'debugging' }, now),
      ),
    },
    botBuilder: barred(mayAssignBotBuilder(subject, target, member, now)),
    remove: barred(mayRemoveMember(subject, target, member, {}, now)),
    confirm: barred(mayConfirmAppointment(subject, target, { ...member, appointedFor }, now)),
  };
}
