import { Migration } from '@mikro-orm/migrations';

const organizations = `(select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]`;

export class Scim extends Migration {
  override name = 'Migration20261126015830_scim';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "scim_token" ("id" uuid not null, "organization_id" uuid not null, "name" text not null, "token_digest" varchar(255) not null, "workspace_role" varchar(255) not null, "responsible_id" uuid not null, "expires_at" timestamptz(3) not null, "last_used_at" timestamptz(3) null, "former_token_digest" varchar(255) null, "former_token_until" timestamptz(3) null, "former_responsible_id" uuid null, "revoked_at" timestamptz(3) null, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(`alter table "scim_token" add constraint "scim_token_token_digest_unique" unique ("token_digest");`);
    this.addSql(
      `alter table "scim_token" add constraint "scim_token_former_token_digest_unique" unique ("former_token_digest");`,
    );
    this.addSql(`create index "scim_token_organization_id_id_index" on "scim_token" ("organization_id", "id");`);

    this.addSql(
      `create table "scim_user" ("id" uuid not null, "organization_id" uuid not null, "user_name" text not null, "user_key" text not null, "external_id" text null, "display_name" text null, "name" jsonb not null default '{}', "emails" jsonb not null default '[]', "address" text not null, "active" boolean not null, "account_id" uuid null, "invite_id" uuid null, "edition" int not null default 1, "created_at" timestamptz(3) not null default clock_timestamp(), "changed_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(`create index "scim_user_organization_id_id_index" on "scim_user" ("organization_id", "id");`);
    this.addSql(`create index "scim_user_account_id_index" on "scim_user" ("account_id");`);
    this.addSql(`create index "scim_user_invite_id_index" on "scim_user" ("invite_id");`);
    this.addSql(`alter table "scim_user" add constraint "scim_user_one_name" unique ("organization_id", "user_key");`);
    this.addSql(
      `alter table "scim_user" add constraint "scim_user_one_address" unique ("organization_id", "address");`,
    );

    this.addSql(
      `alter table "scim_token" add constraint "scim_token_organization_id_foreign" foreign key ("organization_id") references "organization" ("id");`,
    );
    this.addSql(`alter table "scim_token" enable row level security;`);
    this.addSql(
      `create policy "scim_token_system" on "scim_token" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "scim_token_tenant" on "scim_token" to "countersign_tenant" using (organization_id = any (${organizations})) with check (organization_id = any (${organizations}));`,
    );

    this.addSql(
      `alter table "scim_user" add constraint "scim_user_organization_id_foreign" foreign key ("organization_id") references "organization" ("id");`,
    );
    this.addSql(`alter table "scim_user" enable row level security;`);
    this.addSql(
      `create policy "scim_user_system" on "scim_user" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "scim_user_tenant" on "scim_user" to "countersign_tenant" using (organization_id = any (${organizations})) with check (organization_id = any (${organizations}));`,
    );
    this.addSql(
      `grant select, insert, update, delete on scim_token, scim_user to countersign_tenant, countersign_system;`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table "scim_token";`);
    this.addSql(`drop table "scim_user";`);
  }
}
