import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { findFreePort } from '#local-stack';
import { Provider } from 'oidc-provider';

/** Somebody the provider knows. */
export interface Identity {
  subject: string;
  email: string;
  emailVerified: boolean;
  name: string;
}

/** What an organization registers with its provider. */
export const callbackOf = ({ baseUrl }: { baseUrl: string }, slug: string): string => `${baseUrl}/sso/${slug}/callback`;

/** A real OpenID provider on this machine, on which whoever is named has signed in already. */
export interface TestIdentityProvider {
  /** As an organization's `sso` setting. */
  sso: { issuer: string; clientId: string; clientSecret: string };
  /** The one who signs in from now on; the same subject may come back with other claims. */
  signsIn(identity: Identity): void;
  stop(): Promise<void>;
}

/** @param redirectUris one for each organization that is registered with it, by `callbackOf` */
export async function startIdentityProvider(...redirectUris: string[]): Promise<TestIdentityProvider> {
  const issuer = `http://127.0.0.1:${await findFreePort()}`;
  const sso = { issuer, clientId: 'countersign', clientSecret: randomBytes(24).toString('hex') };
  const identities = new Map<string, Identity>();
  let present: Identity | undefined;
  const provider = new Provider(issuer, {
    clients: [{ client_id: sso.clientId, client_secret: sso.clientSecret, redirect_uris: redirectUris }],
    jwks: { keys: [generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })] },
    cookies: { keys: [randomBytes(24).toString('hex')] },
    features: { devInteractions: { enabled: false } },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    interactions: { url: () => '/sign-in' },
    pkce: { required: () => true },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 600, IdToken: 60, Interaction: 60, Session: 600 },
    findAccount: (_context: unknown, subject: string) => {
      const { email, emailVerified, name } = identities.get(subject) ?? {};
      return { accountId: subject, claims: () => ({ sub: subject, email, email_verified: emailVerified, name }) };
    },
    // Consent is given once and for all by the company.
    async loadExistingGrant({
      oidc,
    }: {
      oidc: { session: { accountId?: string } | undefined; client: { clientId: string } | undefined };
    }) {
      const grant = new provider.Grant({ accountId: oidc.session?.accountId, clientId: oidc.client?.clientId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  const server = createServer((request, response) => {
    if (request.url === '/sign-in') {
      void provider.interactionFinished(request, response, { login: { accountId: present?.subject, remember: false } });
    } else {
      answer(request, response);
    }
  });
  server.listen(Number(new URL(issuer).port), '127.0.0.1');
  await once(server, 'listening');
  return {
    sso,
    signsIn(identity) {
      present = identity;
      identities.set(identity.subject, identity);
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
