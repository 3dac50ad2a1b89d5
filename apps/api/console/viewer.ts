import type { z } from 'zod';
import type { me } from '#contracts';

/** Who looks at a page. */
export type Viewer = z.infer<typeof me>;
