/** The API as a process of its own: everything it needs is named by the environment. */
import { requireNode } from '../composition/require-node.ts';

requireNode();
await import('./serve.ts');
