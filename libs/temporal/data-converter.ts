import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { Keys } from '#config';
import { EncryptionCodec } from './payload-codec.ts';

// Running from source or from the build, the sibling has the same ending as this file.
const siblingExtension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** Also named to the bundler, so that failures made inside workflows are encoded, too. */
export const failureConverterPath = fileURLToPath(new URL(`./failure-converter${siblingExtension}`, import.meta.url));

export function dataConverter(payloadKeys: Keys): DataConverter {
  return {
    payloadCodecs: [new EncryptionCodec(payloadKeys)],
    failureConverterPath,
  };
}
