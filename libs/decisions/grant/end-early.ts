import type { Ruling } from '#access';
import { Grant } from '#persistence';
import type { CaseFlow, Opened } from '../approval/flow.ts';
import { actOn, refuse } from '../approval/open.ts';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import type { Precondition } from '../precondition.ts';
import { missingProof } from '../session/require-proof.ts';
import { endGrant } from './end.ts';
import { grantStatusAt } from './status.ts';

interface EarlyEnd<Row> {
  status: 'revoked' | 'returned';
  right: (opened: Opened<Row>) => Ruling;
  reason?: string | undefined;
  precondition?: Precondition | undefined;
}

/** Ends the grant that a case owns before its time; 409 where there is none, or none any more. */
export async function endEarly<Row extends { id: string }>(
  decision: Decision,
  flow: CaseFlow<Row>,
  id: string,
  { status, right, reason, precondition }: EarlyEnd<Row>,
): Promise<Row> {
  const { em, actor } = decision;
  let locked: Promise<Grant | null> | undefined;
  const ofCase = () => (locked ??= lockRow(em, Grant, { sourceId: id }));
  return actOn(decision, flow, id, {
    verb: status,
    right,
    async isDone() {
      const grant = await ofCase();
      return grant?.status === status && actor.id !== null && grant.endedById === actor.id;
    },
    precondition,
    async change(opened, by) {
      const grant = await ofCase();
      const present = grant && grantStatusAt(grant, opened.now);
      if (!grant || present !== 'active') {
        const state = { grant: present, status: 'status' in opened.row ? opened.row.status : present };
        return refuse(flow, opened, status, 'grant_not_active', { state });
      }
      // Giving one's own access back asks for nothing.
      const missing =
        status === 'revoked'
          ? await missingProof(decision, opened.parties.organizationId, opened.now, opened.standing)
          : null;
      if (missing) return refuse(flow, opened, status, 'step_up_required', missing);
      await endGrant(decision, grant, { status, now: opened.now, by, reason });
    },
  });
}
