import type { FilterQuery } from '@mikro-orm/postgresql';
import type { ApprovalParties, Subject } from '#access';
import { Refusal } from '#contracts';
import { continueAsSystem, databaseNow, type EntityManager } from '#persistence';
import type { CaseFlow } from './flow.ts';

/** One case as both sides see it; 404 for everybody else. */
export async function readCase<Row extends { id: string }, View>(
  em: EntityManager,
  flow: CaseFlow<Row, View>,
  viewer: Subject,
  id: string,
  /** The database's clock where it is known already, from when the viewer's standing was read. */
  at?: Date,
): Promise<View> {
  const row = await em.findOne(flow.entity, { id } as FilterQuery<NoInfer<Row>>);
  const now = at ?? (await databaseNow(em));
  if (!row || !flow.maySee(viewer, flow.parties(row), now).allowed) throw new Refusal('not_found');
  if (flow.tenancy === 'system') await continueAsSystem(em);
  return flow.view(em, viewer, row, now);
}

/** The organizations on either side of which the viewer sees cases: the rule of sight, asked once for each of theirs. */
export function sidesInSight(flow: Pick<CaseFlow, 'maySee'>, viewer: Subject, now: Date) {
  const own = viewer.memberships.map(({ organizationId }) => organizationId);
  const nobodys: ApprovalParties = { requesterId: '', partnerId: null, organizationId: null };
  return {
    deciding: own.filter((id) => flow.maySee(viewer, { ...nobodys, organizationId: id }, now).allowed),
    asking: own.filter((id) => flow.maySee(viewer, { ...nobodys, partnerId: id }, now).allowed),
  };
}
