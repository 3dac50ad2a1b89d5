import { mayManageGroups, peopleSight } from '#access';
import { Refusal, type CreateGroup } from '#contracts';
import { Group, type EntityManager } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { requireSightFor } from '../organization/sight.ts';
import { unconditionally, type Precondition } from '../precondition.ts';
import { refuseAct } from '../refuse-act.ts';
import { viewGroup, type GroupKind } from './read.ts';

/** An Owner adds a group or a team; names are unique among the groups, and among the teams, of the organization. */
export async function createGroup(
  decision: Decision,
  organizationId: string,
  kind: GroupKind,
  { name }: CreateGroup,
): Promise<Group> {
  const now = await decision.now();
  const by = await judge(decision, organizationId, `${kind}.created`, now);
  const namesake = await decision.em.findOne(Group, { organizationId, kind, name });
  if (namesake) throw new Refusal('name_taken', { state: { id: namesake.id } });
  const group = decision.em.create(Group, { organizationId, kind, name, createdAt: now });
  await decision.em.flush();
  decision.record({
    action: `${kind}.created`,
    by,
    organizationIds: [organizationId],
    subject: { kind, id: group.id },
    at: now,
  });
  return group;
}

/** Refused while a member's scope or an open invite names it: whoever is limited to it would be left with nothing. */
export async function deleteGroup(
  decision: Decision,
  organizationId: string,
  kind: GroupKind,
  groupId: string,
  precondition: Precondition = unconditionally,
): Promise<void> {
  const { em } = decision;
  const now = await decision.now();
  const by = await judge(decision, organizationId, `${kind}.deleted`, now);
  const group = await lockRow(em, Group, { id: groupId, organizationId, kind });
  if (!group) throw new Refusal('not_found');
  await precondition(async () => viewGroup(group));
  const inUse = await countUses(em, organizationId, kind, groupId);
  if (inUse.members + inUse.invites > 0) throw new Refusal('group_in_use', inUse);
  em.remove(group);
  decision.record({
    action: `${kind}.deleted`,
    by,
    organizationIds: [organizationId],
    subject: { kind, id: groupId },
    at: now,
  });
}

async function judge({ em, actor }: Decision, organizationId: string, action: string, now: Date): Promise<string> {
  const act = { action, organizationIds: [organizationId], subject: { kind: 'organization', id: organizationId } };
  const { subject, target } = await requireSightFor(act, em, actor, organizationId, peopleSight, now);
  const ruling = mayManageGroups(subject, target, now);
  return ruling.allowed ? ruling.by : refuseAct(act, ruling.code);
}

async function countUses(em: EntityManager, organizationId: string, kind: GroupKind, groupId: string) {
  const list = kind === 'group' ? 'groupIds' : 'teamIds';
  const [uses] = await em.execute<{ members: number; invites: number }[]>(
    `select
       (select count(*)::int from membership
         where organization_id = ? and removed_at is null and jsonb_exists(scope -> '${list}', ?)) as members,
       (select count(*)::int from invite
         where organization_id = ? and status in ('pending', 'failed') and expires_at > clock_timestamp()
           and jsonb_exists(scope -> '${list}', ?)) as invites`,
    [organizationId, groupId, organizationId, groupId],
  );
  return uses ?? { members: 0, invites: 0 };
}
