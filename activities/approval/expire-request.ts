import { workflowId } from '#contracts';
import { approvalFlowOf, expireRequest as expire, theClock } from '#decisions';
import type { Dependencies } from '../dependencies.ts';
import type { RequestName } from './read-request.ts';

/** Writes down that nobody decided in time; changes nothing where somebody did. */
export const expireRequest =
  ({ decisions }: Dependencies) =>
  async ({ feature, id }: RequestName): Promise<void> => {
    const flow = approvalFlowOf(feature);
    await decisions.decide(theClock(workflowId(flow.workflowType, id)), (decision) => expire(decision, flow, id));
  };
