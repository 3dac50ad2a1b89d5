import type { Database, TenancyContext } from '#persistence';
import { ChainVerifier } from './chain-verifier.ts';
import { readKeyRing } from './keys/index.ts';
import { readChain, readChainEnd } from './read-chain.ts';
import type { Verification } from './verification.ts';
import { trustedKeysOf, type VerifyOptions } from './verify-export.ts';

/** As `verifyExport`, over the rows of the database. Pass the configured public key: the rows' own key proves little. */
export async function verifyChain(
  database: Database,
  context: TenancyContext,
  organizationId: string,
  options: VerifyOptions = {},
): Promise<Verification> {
  const { end, keyRing } = await database.transaction(context, async (em) => ({
    end: await readChainEnd(em, organizationId),
    keyRing: options.keyRing ?? (await readKeyRing(em)),
  }));
  const verifier = new ChainVerifier(organizationId);
  for await (const event of readChain(database, context, organizationId, end.lastPosition)) {
    if ('missingId' in event) verifier.addFault('missing', event.missingId);
    else verifier.add(event);
  }
  return verifier.finish({
    checkpoint: end.checkpoint,
    keys: end.publicKey === null ? [] : [end.publicKey],
    trustedKeys: trustedKeysOf({ ...options, keyRing }),
  });
}
