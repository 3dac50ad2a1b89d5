/**
 * The same questions and decisions with Node's own http server and `pg`: the token is looked up by its digest, the role
 * is read, the row is locked, the same is written, all in one transaction. No framework, no validation, no second wall.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { Pool, type PoolClient } from 'pg';
import { bareWrites, inTransaction, named } from './bare-writes.ts';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10 });

const digestOf = (request: IncomingMessage) =>
  createHash('sha256')
    .update((request.headers.authorization ?? '').replace(/^Bearer /, ''))
    .digest('base64url');

async function authenticate(client: PoolClient, request: IncomingMessage): Promise<string> {
  const [found] = await named<{ id: string }>(
    client,
    'authenticate',
    'select account.id from session join account on account.id = account_id where token_digest = $1 and expires_at > clock_timestamp()',
    [digestOf(request)],
  );
  if (!found) throw new Error('Unknown token');
  return found.id;
}

async function requireRole(
  client: PoolClient,
  accountId: string,
  organizationId: string | null,
  role: string,
): Promise<string> {
  const [member] = await named<{ organizationId: string }>(
    client,
    'role',
    `select organization_id as "organizationId" from membership
      where account_id = $1 and $3 = any (roles) and ($2::uuid is null or organization_id = $2)`,
    [accountId, organizationId, role],
  );
  if (!member) throw new Error('Not allowed');
  return member.organizationId;
}

/** One statement: who asks, what they hold by role, what by a grant that runs. */
async function evaluate(request: IncomingMessage, body: Evaluation): Promise<object> {
  const [held] = await named<{ roles: string[] | null; expiresAt: Date | null }>(
    pool,
    'evaluate',
    `select (select array_agg(role) from membership, unnest(roles) as role where membership.account_id = account.id) as roles,
            (select expires_at from "grant" join relationship
                on relationship.customer_id = organization_id and relationship.partner_id = "grant".partner_id
              where "grant".account_id = account.id and organization_id = $2 and status = 'active'
                and expires_at > clock_timestamp() and active_until is null) as "expiresAt"
       from session join account on account.id = session.account_id
      where token_digest = $1 and session.expires_at > clock_timestamp()`,
    [digestOf(request), body.resource.properties.organizationId],
  );
  const decision = held?.expiresAt !== null && (held?.roles?.includes('help_desk_advanced') ?? false);
  return { decision, context: { reasons: decision ? ['grant'] : [], expiresAt: held?.expiresAt } };
}

interface Evaluation {
  resource: { properties: { organizationId: string } };
}

async function ask(request: IncomingMessage, { customerId }: { customerId: string }): Promise<object> {
  return inTransaction(pool, async (client) => {
    const agentId = await authenticate(client, request);
    const partnerId = await requireRole(client, agentId, null, 'help_desk_advanced');
    const approvers = await named(
      client,
      'approvers',
      `select account.id, display_name from membership join account on account.id = account_id
        where organization_id = $1 and 'full_administrator' = any (roles)
          and exists (select 1 from relationship where customer_id = $1 and partner_id = $2 and active_until is null)`,
      [customerId, partnerId],
    );
    if (approvers.length === 0) throw new Error('Nobody could approve');
    const id = randomUUID();
    await bareWrites.ask(client, { id, partnerId, customerId, agentId });
    return { id, customerId, partnerId, status: 'pending', eligibleApprovers: approvers.length };
  });
}

async function decide(request: IncomingMessage, verb: 'approve' | 'revoke', elevationId: string): Promise<object> {
  return inTransaction(pool, async (client) => {
    const adminId = await authenticate(client, request);
    const [row] = await named<{ customerId: string; partnerId: string; requesterId: string; status: string }>(
      client,
      'lock',
      `select customer_id as "customerId", partner_id as "partnerId", requester_id as "requesterId", status
         from elevation where id = $1 for update`,
      [elevationId],
    );
    if (!row || row.status !== (verb === 'approve' ? 'pending' : 'approved')) throw new Error('Not in that state');
    await requireRole(client, adminId, row.customerId, 'full_administrator');
    if (verb === 'approve') await requireRole(client, row.requesterId, row.partnerId, 'help_desk_advanced');
    await bareWrites[verb](client, elevationId, adminId);
    return { id: elevationId, ...row, status: 'approved' };
  });
}

async function answer(request: IncomingMessage): Promise<[status: number, body: object]> {
  const url = request.url ?? '';
  const body = await json(request);
  if (url === '/access/v1/evaluation') return [200, await evaluate(request, body as Evaluation)];
  if (url === '/v1/elevations') return [201, await ask(request, body as { customerId: string })];
  const [, id, verb] = /^\/v1\/elevations\/([^/]+)\/(approve|revoke)$/.exec(url) ?? [];
  if (id && verb) return [200, await decide(request, verb as 'approve' | 'revoke', id)];
  return [404, {}];
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const [status, body] = await answer(request);
    const text = JSON.stringify(body);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    response.writeHead(status, headers).end(text);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
}

const server = createServer((request, response) => void serve(request, response));
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
