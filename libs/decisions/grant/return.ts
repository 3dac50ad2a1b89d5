import { mayReturnGrant } from '#access';
import type { CaseFlow } from '../approval/flow.ts';
import type { Decision } from '../decision.ts';
import type { Precondition } from '../precondition.ts';
import { endEarly } from './end-early.ts';

/** The holder gives the access back before its time. */
export const returnGrant = <Row extends { id: string }>(
  decision: Decision,
  flow: CaseFlow<Row>,
  id: string,
  precondition?: Precondition,
): Promise<Row> =>
  endEarly(decision, flow, id, {
    status: 'returned',
    right: ({ actor, parties }) => mayReturnGrant(actor, { holderId: parties.requesterId }),
    precondition,
  });
