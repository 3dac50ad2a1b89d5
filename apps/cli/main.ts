/** The command `countersign`. */
import { requireNode } from '../composition/require-node.ts';

requireNode();
await import('./run.ts');
