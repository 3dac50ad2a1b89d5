import { once } from 'node:events';
import { createServer } from 'node:http';
import { findFreePort } from '#local-stack';

/** An identity provider that sends browsers where it likes, and keeps every code it is given. */
export interface RoguePages {
  /** As an organization's `sso` setting. */
  sso: { issuer: string; clientId: string; clientSecret: string };
  /** Where a browser that was sent here goes next. */
  authorize: (ours: URL) => URL;
  /** In place of the honest metadata of the same names. */
  metadata: Record<string, unknown>;
  /** The codes that came to the token endpoint. */
  codes: string[];
  stop(): Promise<void>;
}

export async function startRoguePages(): Promise<RoguePages> {
  const issuer = `http://127.0.0.1:${await findFreePort()}`;
  const rogue: RoguePages = {
    sso: { issuer, clientId: 'countersign', clientSecret: 'the secret of a rogue' },
    authorize: (ours) => ours,
    metadata: {},
    codes: [],
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    if (url.pathname === '/.well-known/openid-configuration') {
      const metadata = {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        ...rogue.metadata,
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metadata));
    } else if (url.pathname === '/authorize') {
      response.writeHead(303, { location: rogue.authorize(url).href }).end();
    } else {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const code = new URLSearchParams(body).get('code');
        if (code !== null) rogue.codes.push(code);
        response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
      });
    }
  });
  server.listen(Number(new URL(issuer).port), '127.0.0.1');
  await once(server, 'listening');
  return rogue;
}
