import { Migration } from '@mikro-orm/migrations';

const reach = `string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[]`;
const visibleAddress = `address.account_id = nullif(current_setting('countersign.account', true), '')::uuid or exists (select 1 from membership where membership.account_id = address.account_id)`;

export class Identity extends Migration {
  override name = 'Migration20261122052000_identity';

  override up(): void | Promise<void> {
    this.addSql(`alter table "address" add column "given_by_organization_id" uuid null;`);
    this.addSql(
      `alter table "address" add constraint "address_given_by_organization_id_foreign" foreign key ("given_by_organization_id") references "organization" ("id") on delete set null;`,
    );
    this.addSql(`drop policy "address_tenant" on "address";`);
    this.addSql(
      `create policy "address_tenant" on "address" to "countersign_tenant" using (${visibleAddress}) with check (kind = 'alias' and (given_by_organization_id = any (${reach})));`,
    );

    this.addSql(`alter table "password_reset" add column "address" text null;`);
    this.addSql(`alter table "password_reset" alter column "account_id" drop not null;`);
    this.addSql(`alter table "password_reset" alter column "token_digest" drop not null;`);
    this.addSql(`alter table "password_reset" drop constraint "password_reset_account_id_foreign";`);
    this.addSql(
      `alter table "password_reset" add constraint "password_reset_account_id_foreign" foreign key ("account_id") references "account" ("id") on delete set null;`,
    );

    this.addSql(
      `create table "session_code" ("code_digest" varchar(255) not null, "account_id" uuid not null, "organization_id" uuid not null, "code_challenge" varchar(255) not null, "expires_at" timestamptz(3) not null, primary key ("code_digest"));`,
    );
    this.addSql(
      `alter table "session_code" add constraint "session_code_account_id_foreign" foreign key ("account_id") references "account" ("id");`,
    );
    this.addSql(
      `alter table "session_code" add constraint "session_code_organization_id_foreign" foreign key ("organization_id") references "organization" ("id");`,
    );
    this.addSql(
      `create table "failed_attempt" ("key" varchar(255) not null, "failures" int not null, "window_ends_at" timestamptz(3) not null, primary key ("key"));`,
    );

    for (const table of ['session_code', 'failed_attempt']) {
      this.addSql(`alter table "${table}" enable row level security;`);
      this.addSql(
        `create policy "${table}_system" on "${table}" to "countersign_system" using (true) with check (true);`,
      );
      this.addSql(`grant select, insert, update, delete on ${table} to countersign_tenant, countersign_system;`);
    }
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table "failed_attempt";`);
    this.addSql(`drop table "session_code";`);
    this.addSql(`delete from "password_reset" where "account_id" is null or "token_digest" is null;`);
    this.addSql(`alter table "password_reset" alter column "token_digest" set not null;`);
    this.addSql(`alter table "password_reset" alter column "account_id" set not null;`);
    this.addSql(`alter table "password_reset" drop column "address";`);
    this.addSql(`drop policy "address_tenant" on "address";`);
    this.addSql(
      `create policy "address_tenant" on "address" to "countersign_tenant" using (${visibleAddress}) with check (false);`,
    );
    this.addSql(`alter table "address" drop column "given_by_organization_id";`);
  }
}
