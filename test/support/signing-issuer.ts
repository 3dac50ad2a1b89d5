import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT, type GenerateKeyPairResult, type JWK, type JWTPayload } from 'jose';
import { findFreePort } from '#local-stack';

export interface SigningKey {
  kid: string;
  privateKey: GenerateKeyPairResult['privateKey'];
  publicJwk: JWK;
}

/**
 * An OpenID provider on this machine whose ID tokens are whatever a test wants them to be: a real provider can't be made
 * to sign wrong things. Everything else about it is honest.
 */
export interface SigningIssuer {
  /** As an organization's `sso` setting. */
  sso: { issuer: string; clientId: string; clientSecret: string };
  /** The key that signs at present. */
  readonly key: SigningKey;
  /** Algorithms the metadata names; a client must not believe a provider that names weak ones. */
  algorithms: string[];
  /** In place of the honest claims of the same names. */
  claims: JWTPayload;
  /** The ID token for these claims. */
  idToken: (claims: JWTPayload) => string | Promise<string>;
  /** What userinfo says; null: the metadata names none. */
  userinfo: Record<string, unknown> | null;
  /** Added to the address the browser is sent back to. */
  callback: Record<string, string>;
  sign(claims: JWTPayload, key?: SigningKey): Promise<string>;
  /** A new key takes the old one's place at once. */
  rotate(): Promise<SigningKey>;
  stop(): Promise<void>;
}

export async function newSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const kid = randomUUID();
  return { kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } };
}

/** `subject` is who signs in, with a verified address. */
export async function startSigningIssuer(
  subject: { sub: string; email: string },
  clientSecret = randomBytes(32).toString('base64url'),
): Promise<SigningIssuer> {
  const base = `http://127.0.0.1:${await findFreePort()}`;
  const sso = { issuer: base, clientId: 'countersign', clientSecret };
  const nonces = new Map<string, string | null>();
  let key = await newSigningKey();

  const sign = (claims: JWTPayload, { kid, privateKey } = key) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);

  const honestClaims = (code: string): JWTPayload => {
    const now = Math.floor(Date.now() / 1000);
    return {
      iss: base,
      aud: sso.clientId,
      iat: now,
      exp: now + 60,
      nonce: nonces.get(code) ?? undefined,
      email_verified: true,
      ...subject,
      ...issuer.claims,
    };
  };
  const issuer: SigningIssuer = {
    sso,
    get key() {
      return key;
    },
    algorithms: ['RS256'],
    claims: {},
    idToken: (claims) => sign(claims),
    userinfo: null,
    callback: {},
    sign,
    async rotate() {
      key = await newSigningKey();
      return key;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  const json = (response: ServerResponse, body: unknown) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  const answer = async (url: URL, body: string, response: ServerResponse): Promise<unknown> => {
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return json(response, {
          issuer: base,
          authorization_endpoint: `${base}/authorize`,
          token_endpoint: `${base}/token`,
          jwks_uri: `${base}/keys`,
          ...(issuer.userinfo && { userinfo_endpoint: `${base}/userinfo` }),
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: issuer.algorithms,
          code_challenge_methods_supported: ['S256'],
        });
      case '/keys':
        return json(response, { keys: [key.publicJwk] });
      case '/authorize': {
        const code = randomUUID();
        nonces.set(code, url.searchParams.get('nonce'));
        const back = new URL(url.searchParams.get('redirect_uri') ?? '');
        const sent = { code, state: url.searchParams.get('state') ?? '', ...issuer.callback };
        for (const [name, value] of Object.entries(sent)) back.searchParams.set(name, value);
        return response.writeHead(303, { location: back.href }).end();
      }
      case '/token': {
        const idToken = await issuer.idToken(honestClaims(new URLSearchParams(body).get('code') ?? ''));
        return json(response, { access_token: randomUUID(), token_type: 'Bearer', expires_in: 60, id_token: idToken });
      }
      case '/userinfo':
        return json(response, issuer.userinfo);
      default:
        return response.writeHead(404).end();
    }
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      answer(new URL(request.url ?? '/', base), Buffer.concat(chunks).toString(), response).catch(() =>
        response.writeHead(500).end(),
      );
    });
  });
  server.listen(Number(new URL(base).port), '127.0.0.1');
  await once(server, 'listening');
  return issuer;
}
