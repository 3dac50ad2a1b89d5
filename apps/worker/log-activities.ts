import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { loggingWith } from '#composition';
import type { RuntimeLog } from './runtime.ts';

/** Whatever an activity logs names its workflow; one that fails is told of, by the kind of error alone, for its words quote values. */
export const logActivities =
  (log: RuntimeLog): ActivityInterceptorsFactory =>
  ({ info }) => ({
    inbound: {
      execute(input, next) {
        const { workflowExecution, workflowType, activityType, attempt } = info;
        const fields = { workflowId: workflowExecution?.workflowId, workflowType, activityType, attempt };
        return loggingWith(fields, async () => {
          try {
            return await next(input);
          } catch (error) {
            log.warn('An activity failed', { ...fields, error: kindOf(error) });
            throw error;
          }
        });
      },
    },
  });

function kindOf(error: unknown): string {
  if (error instanceof ApplicationFailure) return error.type ?? 'unknown';
  return error instanceof Error ? error.constructor.name : 'unknown';
}
