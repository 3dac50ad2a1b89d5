import { DefaultFailureConverter } from '@temporalio/common';

/** Messages and stack traces of failures go through the codec, too; the worker finds this by its file's path. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
