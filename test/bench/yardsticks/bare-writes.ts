import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient, QueryResultRow } from 'pg';

/** What the service writes for each decision, and nothing else; in a transaction of the caller. */
export interface BareWrites {
  ask(client: PoolClient, row: { id: string; partnerId: string; customerId: string; agentId: string }): Promise<void>;
  approve(client: PoolClient, elevationId: string, adminId: string): Promise<void>;
  revoke(client: PoolClient, elevationId: string, adminId: string): Promise<void>;
}

/** A named statement is parsed and planned once a connection. */
export async function named<Row extends QueryResultRow>(
  client: PoolClient | Pool,
  name: string,
  text: string,
  values: unknown[],
): Promise<Row[]> {
  return (await client.query<Row>({ name, text, values })).rows;
}

export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

async function recordEvent(client: PoolClient, action: string, elevationId: string, actorId: string): Promise<void> {
  await named(
    client,
    'event',
    `insert into audit_event (id, action, actor, organization_ids, subject, facts, at)
     select $1, $2, jsonb_build_object('kind', 'account', 'id', $4::text), array[customer_id, partner_id],
            jsonb_build_object('kind', 'elevation', 'id', $3::text), '{"durationSeconds":3600}', clock_timestamp()
       from elevation where id = $3::uuid`,
    [randomUUID(), action, elevationId, actorId],
  );
}

async function nudge(client: PoolClient, elevationId: string): Promise<void> {
  await named(
    client,
    'nudge',
    `insert into nudge values ($1, 1, 0, clock_timestamp())
     on conflict (workflow_id) do update set requested = nudge.requested + 1, requested_at = excluded.requested_at`,
    [`elevation:${elevationId}`],
  );
}

export const bareWrites: BareWrites = {
  async ask(client, { id, partnerId, customerId, agentId }) {
    await named(
      client,
      'ask',
      `insert into elevation (id, customer_id, partner_id, requester_id, reason, duration_seconds, status, created_at, decide_by)
       values ($1, $2, $3, $4, 'Phones do not register', 3600, 'pending', clock_timestamp(), clock_timestamp() + interval '1 hour')`,
      [id, customerId, partnerId, agentId],
    );
    await recordEvent(client, 'elevation.requested', id, agentId);
    await nudge(client, id);
  },
  async approve(client, elevationId, adminId) {
    await named(
      client,
      'approve',
      `update elevation set status = 'approved', decided_at = clock_timestamp(), decided_by_id = $2 where id = $1`,
      [elevationId, adminId],
    );
    await named(
      client,
      'grant',
      `insert into "grant" (id, source_id, organization_id, partner_id, account_id, approved_by_id, starts_at, expires_at, status)
       select $1, id, customer_id, partner_id, requester_id, $3, clock_timestamp(), clock_timestamp() + interval '1 hour', 'active'
         from elevation where id = $2`,
      [randomUUID(), elevationId, adminId],
    );
    await recordEvent(client, 'elevation.approved', elevationId, adminId);
    await nudge(client, elevationId);
  },
  async revoke(client, elevationId, adminId) {
    await named(
      client,
      'revoke',
      `update "grant" set status = 'revoked', ended_at = clock_timestamp(), ended_by_id = $2 where source_id = $1`,
      [elevationId, adminId],
    );
    await recordEvent(client, 'elevation.revoked', elevationId, adminId);
    await nudge(client, elevationId);
  },
};
