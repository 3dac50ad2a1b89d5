import { newToken, tokenDigest } from '#identity';
import { Client } from 'pg';
import { organization, person, relationship } from '../support/cast.ts';
import { copyRow } from '../support/copy-row.ts';
import { askFor, decide, type ElevationStage } from '../support/elevation-stage.ts';
import type { Api } from './servers.ts';

/** People who may ask about themselves, and where a live grant lets them in. */
export interface Requester {
  token: string;
  accountId: string;
  customerId: string;
}

const agentsOfPartner = 10;
const customersOfPartner = 100;
const livePerAgent = 10;

/**
 * Fills a database with so many grants over so many organizations: partners with 100 customers and ten agents each, ten
 * of an agent's grants live and the rest over. One of everything is made by the service itself and then copied by SQL.
 */
export async function fillWithGrants(
  api: Api,
  { grants, organizations }: { grants: number; organizations: number },
): Promise<Requester[]> {
  const partnerId = await organization(api, 'partner');
  const customerId = await organization(api, 'customer');
  const relationshipId = await relationship(api, partnerId, customerId);
  const agent = await person(api, 'Agent', [{ in: partnerId, roles: ['help_desk_advanced'] }]);
  const admin = await person(api, 'Admin', [{ in: customerId, roles: ['full_administrator'] }]);
  const elevationId = await askFor({ agent, customerId } as ElevationStage, { by: agent });
  await decide(admin, elevationId, 'approve');
  const membershipId = agent.memberIds[partnerId];

  const partners = Math.max(1, Math.round(organizations / customersOfPartner));
  const perAgent = Math.max(livePerAgent, Math.round(grants / partners / agentsOfPartner));
  const tokens = Array.from({ length: Math.min(20, partners * agentsOfPartner) }, () => newToken('cs_session'));
  // Ids follow from numbers, so that rows of different tables find each other without being looked up.
  const id = (kind: string, ...numbers: string[]) => `md5('${kind}-' || ${numbers.join(" || '-' || ")})::uuid`;
  const [partner, customer] = [id('partner', 'p'), id('customer', 'p', 'c')];
  const account = id('account', 'p', 'a');
  const over = (last: number, name: string) => `generate_series(1, ${last}) as ${name}`;
  const [everyPartner, everyCustomer, everyAgent] = [
    over(partners, 'p'),
    over(customersOfPartner - 1, 'c'),
    over(agentsOfPartner, 'a'),
  ];

  const client = new Client({ connectionString: api.databaseUrl });
  await client.connect();
  try {
    await client.query('set session_replication_role = replica');
    const copy = (table: string, row: string, from: string[], changes: Record<string, string>) =>
      copyRow(client, table, row, from, changes);
    await copy('organization', partnerId, [everyPartner], { id: partner, slug: "'partner-' || p" });
    await copy('organization', customerId, [everyPartner, everyCustomer], {
      id: customer,
      slug: "'customer-' || p || '-' || c",
    });
    await copy('relationship', relationshipId, [everyPartner, everyCustomer], {
      id: id('relationship', 'p', 'c'),
      partner_id: partner,
      customer_id: customer,
    });
    await copy('account', agent.accountId, [everyPartner, everyAgent], {
      id: account,
      email: "'agent-' || p || '-' || a || '@people.example'",
    });
    if (!membershipId) throw new Error('The agent is a member of the partner');
    await copy('membership', membershipId, [everyPartner, everyAgent], {
      id: id('membership', 'p', 'a'),
      organization_id: partner,
      account_id: account,
    });
    const sourced = await client.query<{ id: string }>('select id from "grant" where source_id = $1', [elevationId]);
    const grantId = sourced.rows[0]?.id ?? '';
    const g = `generate_series(0, ${perAgent - 1}) as g`;
    const isLive = `g < ${livePerAgent}`;
    const c = `(1 + (g * 7 + a) % ${customersOfPartner - 1})`;
    await copy('grant', grantId, [everyPartner, everyAgent, g], {
      id: id('grant', 'p', 'a', 'g'),
      source_id: id('source', 'p', 'a', 'g'),
      organization_id: id('customer', 'p', c),
      partner_id: partner,
      account_id: account,
      status: `case when ${isLive} then 'active' else 'expired' end`,
      starts_at: `case when ${isLive} then t.starts_at else t.starts_at - make_interval(days => 1 + g % 700) end`,
      expires_at: `case when ${isLive} then t.starts_at + interval '1 day' else t.starts_at - make_interval(days => g % 700) end`,
      ended_at: `case when ${isLive} then null else t.starts_at - make_interval(days => g % 700) end`,
    });
    const { rows } = await client.query<{ id: string }>('select id from session where account_id = $1 limit 1', [
      agent.accountId,
    ]);
    await copy(
      'session',
      rows[0]?.id ?? '',
      [
        `unnest(array[${tokens.map((token) => `'${tokenDigest(token)}'`).join(', ')}]) with ordinality as s(digest, number)`,
      ],
      {
        id: id('session', 'number'),
        token_digest: 'digest',
        account_id: id(
          'account',
          `(1 + (number - 1) / ${agentsOfPartner} * ${Math.max(1, Math.floor(partners / 2))} % ${partners})`,
          `(1 + (number - 1) % ${agentsOfPartner})`,
        ),
      },
    );
    await client.query('vacuum analyze');
    const requesters = await client.query<{ digest: string; accountId: string; customerId: string }>(
      `select distinct on (token_digest) token_digest as digest, session.account_id as "accountId",
              "grant".organization_id as "customerId"
         from session join "grant" on "grant".account_id = session.account_id
        where "grant".status = 'active' and "grant".expires_at > now() + interval '2 hours'`,
    );
    return tokens.flatMap((token) => {
      const requester = requesters.rows.find(({ digest }) => digest === tokenDigest(token));
      return requester ? [{ token, accountId: requester.accountId, customerId: requester.customerId }] : [];
    });
  } finally {
    await client.end();
  }
}
