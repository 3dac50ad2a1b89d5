import { randomUUID } from 'node:crypto';
import { newToken, tokenDigest } from '#identity';
import { createTestDatabase } from '#local-stack';
import { Client } from 'pg';

/** The hot tables and their indexes as anybody would make them: no policies, no triggers, nothing else. */
const tables = `
  create table account (id uuid primary key, email text not null, display_name text not null);
  create table session (token_digest text primary key, account_id uuid not null references account, expires_at timestamptz not null);
  create table membership (id uuid primary key, organization_id uuid not null, account_id uuid not null references account, roles text[] not null);
  create index on membership (organization_id);
  create index on membership (account_id);
  create table relationship (id uuid primary key, partner_id uuid not null, customer_id uuid not null, active_until timestamptz);
  create index on relationship (customer_id);
  create table elevation (
    id uuid primary key, customer_id uuid not null, partner_id uuid not null, requester_id uuid not null references account,
    reason text not null, duration_seconds int not null, status text not null, created_at timestamptz not null,
    decide_by timestamptz not null, decided_at timestamptz, decided_by_id uuid);
  create index on elevation (customer_id, status);
  create index on elevation (partner_id, status);
  create index on elevation (requester_id);
  create unique index on elevation (requester_id, customer_id) where status = 'pending';
  create table "grant" (
    id uuid primary key, source_id uuid not null unique, organization_id uuid not null, partner_id uuid not null,
    account_id uuid not null references account, approved_by_id uuid, starts_at timestamptz not null,
    expires_at timestamptz not null, status text not null, ended_at timestamptz, ended_by_id uuid);
  create index on "grant" (organization_id, status);
  create index on "grant" (partner_id, status);
  create unique index on "grant" (account_id, organization_id) where status = 'active';
  create table audit_event (
    id uuid primary key, recorded_order bigserial unique, action text not null, actor jsonb not null,
    organization_ids uuid[] not null, subject jsonb not null, facts jsonb not null, at timestamptz not null,
    sealed_at timestamptz);
  create index on audit_event using gin (organization_ids);
  create index on audit_event (recorded_order) where sealed_at is null;
  create table nudge (workflow_id text primary key, requested int not null, delivered int not null, requested_at timestamptz not null);
  create index on nudge (requested_at) where delivered < requested;
`;

/** One who asks and one who decides, with their tokens. */
export interface BareDesk {
  partnerId: string;
  customerId: string;
  agent: { id: string; token: string };
  admin: { id: string; token: string };
}

export interface BareStage {
  databaseUrl: string;
  desks: BareDesk[];
}

/** The yardsticks' own database: one partner, so many agents, so many customers with an administrator each. */
export async function setBareStage(
  adminUrl: string,
  { agents, customers }: { agents: number; customers: number },
): Promise<BareStage> {
  const databaseUrl = await createTestDatabase(adminUrl, 'bare');
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(tables);
    const person = async (organizationId: string, role: string) => {
      const [id, token] = [randomUUID(), newToken('cs_session')];
      await client.query('insert into account values ($1, $2, $3)', [id, `${id}@people.example`, 'Somebody']);
      await client.query("insert into session values ($1, $2, now() + interval '1 day')", [tokenDigest(token), id]);
      await client.query('insert into membership values ($1, $2, $3, $4)', [randomUUID(), organizationId, id, [role]]);
      return { id, token };
    };
    const partnerId = randomUUID();
    const asking = [];
    for (let index = 0; index < agents; index += 1) asking.push(await person(partnerId, 'help_desk_advanced'));
    const desks: BareDesk[] = [];
    for (let index = 0; index < customers; index += 1) {
      const customerId = randomUUID();
      await client.query('insert into relationship values ($1, $2, $3, null)', [randomUUID(), partnerId, customerId]);
      const admin = await person(customerId, 'full_administrator');
      for (const agent of asking) desks.push({ partnerId, customerId, agent, admin });
    }
    await client.query('analyze');
    return { databaseUrl, desks };
  } finally {
    await client.end();
  }
}
