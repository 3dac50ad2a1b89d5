import { mayRevokeGrant } from '#access';
import type { CaseFlow } from '../approval/flow.ts';
import type { Decision } from '../decision.ts';
import type { Precondition } from '../precondition.ts';
import { endEarly } from './end-early.ts';

/** Any home full administrator of the organization ends the grant of a case, whoever approved it. */
export const revokeGrant = <Row extends { id: string }>(
  decision: Decision,
  flow: CaseFlow<Row>,
  id: string,
  { reason }: { reason?: string | undefined },
  precondition?: Precondition,
): Promise<Row> =>
  endEarly(decision, flow, id, {
    status: 'revoked',
    right: ({ actor, parties, now }) => mayRevokeGrant(actor, parties, now),
    reason,
    precondition,
  });
