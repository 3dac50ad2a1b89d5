import proto, { type temporal } from '@temporalio/proto';
import type { World } from '../support/world.ts';

/** Encrypts the recorded histories; committed, since they hold nothing but invented people's ids. */
export const recordingKey = 'Y291bnRlcnNpZ24gcmVjb3JkZWQgaGlzdG9yaWVzIDE=';

export interface RecordedHistory {
  workflowId: string;
  /** A `temporal.api.history.v1.History` with words for enumerations and base64 for bytes. */
  history: Record<string, unknown>;
}

type History = temporal.api.history.v1.IHistory;
const { History } = proto.temporal.api.history.v1;

export function writeHistory(workflowId: string, history: History): RecordedHistory {
  const plain = { enums: String, longs: String, bytes: String };
  return { workflowId, history: History.toObject(History.fromObject(history), plain) };
}

export function readHistory({ history }: RecordedHistory): History {
  return History.fromObject(history);
}

/** Lets one path of a workflow happen and returns the workflow's id. */
export type Recording = (world: World) => Promise<string>;

/** The paths of one workflow by their names. */
export type Recordings = Readonly<Record<string, Recording>>;
