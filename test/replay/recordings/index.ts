import type { Recordings } from '../recording.ts';
import { elevation } from './elevation.ts';
import { invite } from './invite.ts';

/** What is recorded of which workflow type; a workflow without an entry fails the replay test. */
export const recordings: Readonly<Record<string, Recordings>> = { elevation, invite };
