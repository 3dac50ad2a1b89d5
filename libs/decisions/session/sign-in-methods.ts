import type { SignInMethodsView } from '#contracts';
import type { Principal } from '#identity';
import { asSystem, AuthenticatorApp, Credential, Passkey, RecoveryCode, type Database } from '#persistence';

/** By what the person may sign in, as they see it. */
export async function readSignInMethods(
  database: Database,
  { accountId }: Principal & { kind: 'account' },
): Promise<SignInMethodsView> {
  return database.transaction(asSystem, async (em) => {
    const passkeys = await em.find(Passkey, { accountId }, { orderBy: { id: 'asc' } });
    const app = await em.findOne(AuthenticatorApp, { accountId, confirmedAt: { $ne: null } });
    return {
      password: (await em.count(Credential, { accountId })) > 0,
      passkeys: passkeys.map(viewPasskey),
      authenticatorApp: app?.confirmedAt ? { confirmedAt: app.confirmedAt.toISOString() } : null,
      recoveryCodesLeft: await em.count(RecoveryCode, { accountId, usedAt: null }),
    };
  });
}

export const viewPasskey = ({ id, name, backedUp, createdAt, lastUsedAt }: Passkey) => ({
  id,
  name,
  backedUp,
  createdAt: createdAt.toISOString(),
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
});
