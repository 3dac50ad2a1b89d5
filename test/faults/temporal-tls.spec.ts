import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createSecureServer, type ServerHttp2Session } from 'node:http2';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NativeConnection } from '@temporalio/worker';
import { loadConfig } from '#config';
import { TemporalClient } from '#temporal';
import { makeAuthority, type Authority, type Certificate } from '../support/certificates.ts';
import { askFor, setElevationStage } from '../support/elevation-stage.ts';
import { createWorld, type World } from '../support/world.ts';

let authority: Authority;
let frontendsCertificate: Certificate;
let ownCertificate: Certificate;

beforeAll(async () => {
  authority = await makeAuthority();
  frontendsCertificate = await authority.issue('frontend.example', 'DNS:frontend.example,IP:127.0.0.1');
  ownCertificate = await authority.issue('worker');
}, 60_000);

afterAll(() => authority?.remove());

async function pemOf({ certificate, key }: Certificate) {
  return { cert: await readFile(certificate), key: await readFile(key), ca: await readFile(authority.certificate) };
}

/** The tests' Temporal behind a frontend that speaks to those alone who have a certificate of the authority's. */
async function startFrontend(): Promise<{ address: string; stop: () => Promise<void> }> {
  const [host, port] = (process.env['COUNTERSIGN_TEST_TEMPORAL_ADDRESS'] ?? '').split(':');
  const sockets = new Set<Socket>();
  const options = { ...(await pemOf(frontendsCertificate)), requestCert: true, ALPNProtocols: ['h2'] };
  const server = createServer(options, (client) => {
    const behind = connect(Number(port), host);
    for (const socket of [client, behind]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    client.pipe(behind).pipe(client);
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('a Temporal behind mutual TLS', () => {
  let frontend: Awaited<ReturnType<typeof startFrontend>>;
  let world: World | undefined;

  beforeAll(async () => {
    frontend = await startFrontend();
  });

  afterAll(async () => {
    await world?.stop();
    await frontend?.stop();
  });

  const trusting = () => ({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.certificate });
  const certified = () => ({
    ...trusting(),
    TEMPORAL_TLS_CLIENT_CERT_PATH: ownCertificate.certificate,
    TEMPORAL_TLS_CLIENT_KEY_PATH: ownCertificate.key,
  });

  async function isReachable(environment: Record<string, string>): Promise<boolean> {
    const client = TemporalClient.connect({
      ...loadConfig(environment),
      temporalAddress: frontend.address,
      payloadKeys: [Buffer.alloc(32, 1)],
    });
    try {
      return await client.isReachable();
    } finally {
      await client.close();
    }
  }

  it.each([
    ['in clear text', () => ({}), false],
    ['without a certificate of our own', trusting, false],
    ['without knowing the authority', () => ({ TEMPORAL_TLS: 'true' }), false],
    ['under another name than its own', () => ({ ...certified(), TEMPORAL_TLS_SERVER_NAME: 'other.example' }), false],
    ['with both certificates', certified, true],
    ['by its name', () => ({ ...certified(), TEMPORAL_TLS_SERVER_NAME: 'frontend.example' }), true],
  ])('is reached or not: %s', async (_how, environment, isReached) => {
    expect(await isReachable(environment())).toBe(isReached);
  });

  it('runs workflows: API and worker both come that way', async () => {
    world = await createWorld({ temporalAddress: frontend.address, environment: certified() });
    const stage = await setElevationStage(world);
    await askFor(stage);
    await world.mail.waitForMail({ to: stage.admin.email, kind: 'elevation.requested' });
  }, 60_000);
});

describe('a Temporal that knows us by an API key', () => {
  it('is told it by client and worker, through TLS', async () => {
    const heard: unknown[] = [];
    const { cert, key } = await pemOf(frontendsCertificate);
    const server = createSecureServer({ cert, key });
    const sessions = new Set<ServerHttp2Session>();
    server.on('session', (session) => sessions.add(session));
    server.on('stream', (stream, headers) => {
      heard.push(headers.authorization);
      stream.on('error', () => {});
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      // An empty answer: no capabilities.
      stream.end(Buffer.alloc(5));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const config = loadConfig({
      TEMPORAL_API_KEY: 'the key',
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.certificate,
    });

    const client = TemporalClient.connect({ ...config, temporalAddress: address, payloadKeys: [Buffer.alloc(32, 1)] });
    expect(await client.isReachable()).toBe(true);
    const byClient = heard.length;
    await client.close();
    await NativeConnection.connect({ address, ...config.temporalSecurity }).then(
      (connection) => connection.close(),
      () => {},
    );
    expect(heard.length).toBeGreaterThan(byClient);
    expect(new Set(heard)).toEqual(new Set(['Bearer the key']));
    for (const session of sessions) session.destroy();
    server.close();
    await once(server, 'close');
  }, 30_000);
});
