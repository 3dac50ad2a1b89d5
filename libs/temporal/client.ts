import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import type { Keys, TemporalSecurity } from '#config';
import { nudgeSignal, type WorkflowInput, type WorkflowType } from '#contracts';
import { dataConverter } from './data-converter.ts';
import { payloadKeyIdsIn } from './payload-codec.ts';

export interface TemporalOptions {
  temporalAddress: string;
  temporalNamespace: string;
  /** Default: clear text. */
  temporalSecurity?: TemporalSecurity;
  taskQueue: string;
  payloadKeys: Keys;
}

/** What to tell a workflow: start it where it has not run, then let it look at its row. */
export interface WorkflowCall {
  workflowType: WorkflowType;
  workflowId: string;
  rowId: string;
}

/** `unknown`: it never was, or Temporal has forgotten it. */
export type WorkflowState = 'running' | 'ended' | 'unknown';

/** The connection to Temporal. Made lazily: a process starts and answers while Temporal is away. */
export class TemporalClient {
  private readonly underWay = new Set<Promise<unknown>>();

  private constructor(
    private readonly connection: Connection,
    readonly client: Client,
    private readonly taskQueue: string,
  ) {}

  static connect({
    temporalAddress,
    temporalNamespace,
    temporalSecurity,
    taskQueue,
    payloadKeys,
  }: TemporalOptions): TemporalClient {
    const connection = Connection.lazy({
      address: temporalAddress,
      ...temporalSecurity,
      connectTimeout: 2_000,
      // gRPC would wait up to two minutes before it looks again for a server that was away for long.
      channelArgs: { 'grpc.initial_reconnect_backoff_ms': 500, 'grpc.max_reconnect_backoff_ms': 2_000 },
    });
    const client = new Client({ connection, namespace: temporalNamespace, dataConverter: dataConverter(payloadKeys) });
    return new TemporalClient(connection, client, taskQueue);
  }

  /**
   * Starts the row's workflow or signals the one that runs. A workflow that has completed is started once more: it
   * reads its row, does what is left, and ends.
   */
  async nudge({ workflowType, workflowId, rowId }: WorkflowCall, deadlineMilliseconds = 3_000): Promise<void> {
    const input: WorkflowInput = { rowId };
    await this.within(deadlineMilliseconds, () =>
      this.client.workflow.signalWithStart(workflowType, {
        workflowId,
        taskQueue: this.taskQueue,
        args: [input],
        signal: nudgeSignal,
        signalArgs: [],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      }),
    );
  }

  /** How the workflow stands; rejects where Temporal does not say. */
  async stateOf(workflowId: string, deadlineMilliseconds = 3_000): Promise<WorkflowState> {
    try {
      const { status } = await this.within(deadlineMilliseconds, () =>
        this.client.workflow.getHandle(workflowId).describe(),
      );
      return status.name === 'RUNNING' ? 'running' : 'ended';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'unknown';
      throw error;
    }
  }

  /**
   * How many running workflows need a payload key, by its id; rejects where Temporal does not say. Reads each history, so
   * it costs what is running.
   */
  async payloadKeysInUse(): Promise<Map<string, number>> {
    const needed = new Map<string, number>();
    const query = `ExecutionStatus = 'Running' AND TaskQueue = '${this.taskQueue}'`;
    for await (const { workflowId, runId } of this.client.workflow.list({ query })) {
      const history = await this.within(10_000, () => this.client.workflow.getHandle(workflowId, runId).fetchHistory());
      for (const keyId of payloadKeyIdsIn(history)) needed.set(keyId, (needed.get(keyId) ?? 0) + 1);
    }
    return needed;
  }

  async isReachable(): Promise<boolean> {
    try {
      await this.within(1_500, () => this.connection.workflowService.getSystemInfo({}));
      return true;
    } catch {
      return false;
    }
  }

  /** Waits for the calls under way, seconds at most: one that tries again on a closed connection would end the process. */
  async close(): Promise<void> {
    await Promise.allSettled(this.underWay);
    await this.connection.close();
  }

  private async within<T>(milliseconds: number, call: () => Promise<T>): Promise<T> {
    const running = this.connection.withDeadline(Date.now() + milliseconds, call);
    this.underWay.add(running);
    try {
      return await running;
    } finally {
      this.underWay.delete(running);
    }
  }
}
