import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createMigratedDatabase, type MigratedDatabase } from '../../test/support/migrated-database.ts';
import { asSystem, Database, type TenancyContext } from './database.ts';
import { Account, Elevation, Membership, Organization } from './entities/index.ts';
import { entityList } from './orm.ts';

let migrated: MigratedDatabase;
let database: Database;
let ours: string;
let theirs: string;

const tenantOf = (organizationIds: string[], reach = organizationIds): TenancyContext => ({
  kind: 'tenant',
  principal: 'account:nobody',
  accountId: null,
  organizationIds,
  managed: organizationIds,
  reach,
});

async function tenantWithElevation(slug: string): Promise<string> {
  return database.transaction(asSystem, async (em) => {
    const now = new Date();
    const organization = em.create(Organization, { kind: 'customer', name: slug, slug, loginMethods: ['password'] });
    const partner = em.create(Organization, {
      kind: 'partner',
      name: slug,
      slug: `${slug}-partner`,
      loginMethods: ['password'],
    });
    const account = em.create(Account, { displayName: slug, email: `${slug}@example.com` });
    await em.flush();
    em.create(Membership, {
      organizationId: organization.id,
      accountId: account.id,
      kind: 'home',
      workspaceRole: 'owner',
    });
    em.create(Elevation, {
      customerId: organization.id,
      partnerId: partner.id,
      requesterId: account.id,
      reason: 'because',
      durationSeconds: 60,
      status: 'pending',
      decideBy: now,
    });
    return organization.id;
  });
}

beforeAll(async () => {
  migrated = await createMigratedDatabase();
  database = await Database.open({ databaseUrl: migrated.url, poolSize: 1 });
  ours = await tenantWithElevation('ours');
  theirs = await tenantWithElevation('theirs');
});

afterAll(async () => {
  await database?.close();
  await migrated?.drop();
});

describe('row-level security below the ORM', () => {
  it('covers every table with a policy', async () => {
    const open = await database.transaction(asSystem, (em) =>
      em.execute<{ relname: string }[]>(
        `select relname from pg_class
          where relkind = 'r' and relnamespace = 'public'::regnamespace and not relrowsecurity
            and relname not like 'mikro_orm%'`,
      ),
    );
    expect(open).toEqual([]);
  });

  it.each(entityList.map((entity) => [entity.name, entity] as const))(
    'shows nothing of %s without a context',
    async (_name, entity) => {
      const count = database.transaction(tenantOf([]), (em) => em.count(entity as typeof Organization));
      // What a tenant has nothing to do with is closed to it altogether.
      await expect(count.catch((error: Error) => (/permission denied/.test(error.message) ? 0 : error))).resolves.toBe(
        0,
      );
    },
  );

  it('shows a tenant its own rows and not those of another, also to a query that asks for them by id', async () => {
    await database.transaction(tenantOf([ours]), async (em) => {
      expect(await em.count(Organization, { kind: 'customer' })).toBe(1);
      expect(await em.count(Elevation)).toBe(1);
      expect(await em.find(Organization, { id: theirs })).toEqual([]);
      expect(await em.execute('select id from elevation where customer_id = ?', [theirs])).toEqual([]);
    });
  });

  it('shows who is in reach, but not what is asked of them', async () => {
    await database.transaction(tenantOf([ours], [ours, theirs]), async (em) => {
      expect(await em.count(Organization, { kind: 'customer' })).toBe(2);
      expect(await em.count(Elevation)).toBe(1);
    });
  });

  it('shows whom an elevation in sight names, without a relationship and for reading only', async () => {
    await database.transaction(tenantOf([ours]), async (em) => {
      const partner = await em.findOneOrFail(Organization, { slug: 'ours-partner' });
      expect(await em.nativeUpdate(Organization, { id: partner.id }, { name: 'taken over' })).toBe(0);
      expect(await em.count(Organization, { slug: 'theirs-partner' })).toBe(0);
    });
    const partner = await database.transaction(asSystem, (em) =>
      em.findOneOrFail(Organization, { slug: 'ours-partner' }),
    );
    expect(partner.name).toBe('ours');
    await database.transaction(tenantOf([partner.id]), async (em) => {
      const people = await em.find(Account, {});
      expect(people.map(({ displayName }) => displayName)).toEqual(['ours']);
      expect(await em.count(Membership)).toBe(0);
      expect(await em.nativeUpdate(Account, { displayName: 'ours' }, { email: 'taken@over.example' })).toBe(0);
    });
  });

  it('refuses to write rows of another tenant', async () => {
    await expect(
      database.transaction(tenantOf([ours]), (em) =>
        em.execute(
          "insert into \"group\" (id, organization_id, kind, name) values (gen_random_uuid(), ?, 'group', 'x')",
          [theirs],
        ),
      ),
    ).rejects.toThrow(/row-level security/);
    const changed = await database.transaction(tenantOf([ours]), (em) =>
      em.nativeUpdate(Organization, { id: theirs }, { name: 'taken over' }),
    );
    expect(changed).toBe(0);
  });

  it('leaves nothing of a context on a pooled connection, also not after an error', async () => {
    await expect(database.transaction(tenantOf([ours]), (em) => em.execute('select 1 / 0'))).rejects.toThrow();
    expect(await database.transaction(tenantOf([]), (em) => em.count(Organization))).toBe(0);
    await expect(database.transaction(asSystem, (em) => em.execute('select 1 / 0'))).rejects.toThrow();
    expect(await database.transaction(tenantOf([ours]), (em) => em.count(Elevation))).toBe(1);
  });

  it('keeps the audit trail append-only, even for the system', async () => {
    await database.transaction(asSystem, (em) =>
      em.execute(
        `insert into audit_event (id, action, actor, organization_ids, subject, outcome, personal_digest, at)
         values (gen_random_uuid(), 'x.done', '{"kind":"clock","id":null}', ?::uuid[], '{"kind":"x","id":"y"}', 'success', '', now())`,
        [`{${ours}}`],
      ),
    );
    await expect(
      database.transaction(asSystem, (em) => em.execute("update audit_event set action = 'y.done'")),
    ).rejects.toThrow(/append-only|permission denied/);
    await expect(database.transaction(asSystem, (em) => em.execute('delete from audit_event'))).rejects.toThrow(
      /append-only|permission denied/,
    );
  });
});
