import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { textRecordsFrom } from '#outbound';
import { organization, person, type Cast } from '../support/cast.ts';
import { startNameServer, type NameServer, type Said } from '../support/name-server.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let partner: string;
let requester: Cast;
/** A real one on loopback: questions and answers go over the wire. */
let nameServer: NameServer;

beforeAll(async () => {
  nameServer = await startNameServer();
  const resolveText = textRecordsFrom({ servers: [nameServer.address], timeoutMilliseconds: 200 });
  world = await createWorld({ worker: false, resolveText });
  partner = await organization(world, 'partner');
  requester = await person(world, 'Grace', [{ in: partner, roles: ['partner_administrator'] }]);
}, 120_000);
afterAll(async () => {
  await world?.stop();
  await nameServer?.stop();
});

const newDomain = () => `${randomUUID()}.example`;
const path = (id: string) => `/v1/organizations/${id}/domains`;
const prove = (by: Pick<Cast, 'http'>, id: string, domain: string) => by.http.post(`${path(id)}/${domain}/prove`);

/** A customer that claims the domain, and its full administrator. */
async function claiming(domain: string) {
  const id = await organization(world, 'customer');
  const admin = await person(world, 'Ada', [{ in: id, roles: ['full_administrator'] }]);
  expect((await admin.http.patch(`/v1/organizations/${id}`, { domains: [domain] })).status).toBe(200);
  const { items } = (await admin.http.get(path(id))).body;
  expect(items).toMatchObject([{ domain, proven: false, recordName: `_countersign.${domain}` }]);
  const { recordName, recordValue } = items[0] as Record<'recordName' | 'recordValue', string>;
  return { id, admin, record: { recordName, recordValue } };
}

async function reachedBy(domain: string, customer: Awaited<ReturnType<typeof claiming>>): Promise<boolean> {
  const grace = await person(world, 'Grace', [{ in: partner, roles: ['partner_administrator'] }]);
  const requests = '/v1/external-administrator-requests';
  const asked = await grace.http.post(requests, { customerDomain: domain, reason: 'Order 4711' });
  expect(asked.status).toBe(201);
  return (await customer.admin.http.get(`${requests}/${asked.body.id}`)).status === 200;
}

const trailOf = async ({ id, admin }: Awaited<ReturnType<typeof claiming>>, action: string) =>
  (await admin.http.get(`/v1/organizations/${id}/audit-events?action=${action}`)).body.items;

describe('a domain that an organization claims', () => {
  it('leads nobody there before its record is found, and does from then on', async () => {
    const domain = newDomain();
    const acme = await claiming(domain);
    expect(await reachedBy(domain, acme)).toBe(false);
    nameServer.says(acme.record.recordName, ['another-service=1', acme.record.recordValue]);
    const proven = await prove(acme.admin, acme.id, domain.toUpperCase());
    expect(proven).toMatchObject({ status: 200, body: { domain, proven: true } });
    expect((await acme.admin.http.get(`/v1/organizations/${acme.id}`)).body.provenDomains).toEqual([domain]);
    expect(await reachedBy(domain, acme)).toBe(true);
    expect((await prove(acme.admin, acme.id, domain)).status).toBe(200);
    const events = await trailOf(acme, 'organization.domain-proven');
    expect(events).toMatchObject([{ outcome: 'success', facts: { domain } }]);
  });

  it('is not proven without the record, by silent name servers, or by the record of another organization', async () => {
    const domain = newDomain();
    const acme = await claiming(domain);
    const rival = await claiming(domain);
    expect(rival.record.recordValue).not.toBe(acme.record.recordValue);
    const cases: Said[] = [
      'no-such-name',
      [],
      'broken',
      'silent',
      [rival.record.recordValue],
      [`${acme.record.recordValue}x`],
      // Two records are not one in two strings.
      [acme.record.recordValue.slice(0, 20), acme.record.recordValue.slice(20)],
    ];
    for (const records of cases) {
      nameServer.says(acme.record.recordName, records);
      expect(await prove(acme.admin, acme.id, domain)).toMatchObject({
        status: 409,
        body: { code: 'domain_not_proven', next: expect.stringContaining('DNS record'), ...acme.record },
      });
    }
    expect((await acme.admin.http.get(path(acme.id))).body.items).toMatchObject([{ proven: false }]);
    expect(await trailOf(acme, 'organization.domain-proven')).toMatchObject(
      Array.from({ length: cases.length }, () => ({ outcome: 'refused' })),
    );
  });

  it('is proven by a record in several strings among many, and asked for at its own name alone', async () => {
    const domain = newDomain();
    const acme = await claiming(domain);
    const { recordName, recordValue } = acme.record;
    nameServer.says(domain, [recordValue]);
    expect((await prove(acme.admin, acme.id, domain)).body.code).toBe('domain_not_proven');
    const others = Array.from({ length: 5 }, (_, number) => `verification-of-somebody-else=${number}`);
    nameServer.says(recordName, [...others, [recordValue.slice(0, 10), recordValue.slice(10)]]);
    expect((await prove(acme.admin, acme.id, domain)).body).toMatchObject({ proven: true });
    expect(nameServer.asked(domain)).toBe(0);
    expect(nameServer.asked(recordName)).toBe(2);
  });

  it('goes over to who proves it later; the former owner reads that in its trail, and not who has it', async () => {
    const domain = newDomain();
    const [former, present] = [await claiming(domain), await claiming(domain)];
    nameServer.says(former.record.recordName, [former.record.recordValue]);
    expect((await prove(former.admin, former.id, domain)).status).toBe(200);
    nameServer.says(former.record.recordName, [present.record.recordValue]);
    expect((await prove(present.admin, present.id, domain)).status).toBe(200);
    expect((await former.admin.http.get(path(former.id))).body.items).toMatchObject([{ proven: false }]);
    expect(await reachedBy(domain, former)).toBe(false);
    expect(await reachedBy(domain, present)).toBe(true);
    const events = await trailOf(former, 'organization.domain-lost');
    expect(events).toMatchObject([{ facts: { domain } }]);
    expect(JSON.stringify(events)).not.toContain(present.id);
    expect(JSON.stringify(events)).not.toContain(present.admin.accountId);
  });

  it('is no longer proven once it is not claimed, though the record stands', async () => {
    const domain = newDomain();
    const acme = await claiming(domain);
    nameServer.says(acme.record.recordName, [acme.record.recordValue]);
    await prove(acme.admin, acme.id, domain);
    const set = (domains: string[]) => acme.admin.http.patch(`/v1/organizations/${acme.id}`, { domains });
    await set([]);
    expect((await prove(acme.admin, acme.id, domain)).body.code).toBe('not_found');
    await set([domain]);
    expect((await acme.admin.http.get(path(acme.id))).body.items).toMatchObject([{ proven: false }]);
  });

  it('is proven by its own people with the right to its authentication alone', async () => {
    const domain = newDomain();
    const acme = await claiming(domain);
    nameServer.says(acme.record.recordName, [acme.record.recordValue]);
    const reader = await person(world, 'Rita', [{ in: acme.id, roles: ['read_only_administrator'] }]);
    const external = await person(world, 'Eve', [{ in: acme.id, roles: ['full_administrator'], kind: 'external' }]);
    expect((await prove(reader, acme.id, domain)).body.code).toBe('may_not_change_login_methods');
    expect((await prove(external, acme.id, domain)).body.code).toBe('authentication_is_the_tenants_own');
    expect((await prove(requester, acme.id, domain)).body.code).toBe('not_found');
    expect((await prove({ http: world.support }, acme.id, domain)).body.code).toBe('authentication_is_the_tenants_own');
    const owner = await person(world, 'Olga', [{ in: acme.id, workspaceRole: 'owner' }]);
    expect((await prove(owner, acme.id, domain)).body).toMatchObject({ proven: true });
  });
});
