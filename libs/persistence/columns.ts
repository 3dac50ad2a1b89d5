import { p } from '@mikro-orm/postgresql';
import { uuidv7 } from 'uuidv7';

/** Time-ordered ids keep index inserts local and lists in order of creation. */
export const id = () =>
  p
    .uuid()
    .primary()
    .onCreate(() => uuidv7());

/** Microseconds are cut off so that a time read back equals the time that was answered. */
export const instant = () => p.datetime(3);

export const createdAt = () => p.datetime(3).defaultRaw('clock_timestamp()');
