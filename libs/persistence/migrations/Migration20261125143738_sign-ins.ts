import { Migration } from '@mikro-orm/migrations';

const tables = [
  'address_change',
  'authenticator_app',
  'failed_sign_in',
  'logout_token',
  'passkey',
  'recovery_code',
  'sign_in_step',
];

export class SignIns extends Migration {
  override name = 'Migration20261125143738_sign-ins';

  override up(): void | Promise<void> {
    // Codes live for a minute; the ones made before have no proof to hand on.
    this.addSql(`delete from "session_code";`);
    this.addSql(
      `create table "address_change" ("id" uuid not null, "account_id" uuid not null, "new_address" text not null, "old_token_digest" varchar(255) null, "new_token_digest" varchar(255) null, "old_confirmed_at" timestamptz(3) null, "new_confirmed_at" timestamptz(3) null, "done_at" timestamptz(3) null, "expires_at" timestamptz(3) not null, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(
      `alter table "address_change" add constraint "address_change_old_token_digest_unique" unique ("old_token_digest");`,
    );
    this.addSql(
      `alter table "address_change" add constraint "address_change_new_token_digest_unique" unique ("new_token_digest");`,
    );
    this.addSql(`create index "address_change_account_id_index" on "address_change" ("account_id");`);
    this.addSql(
      `create table "authenticator_app" ("account_id" uuid not null, "sealed_secret" text not null, "confirmed_at" timestamptz(3) null, "last_time_step" int null, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("account_id"));`,
    );
    this.addSql(
      `create table "failed_sign_in" ("id" uuid not null, "login" text not null, "method" varchar(255) not null, "source_address" text null, "at" timestamptz(3) not null, primary key ("id"));`,
    );
    this.addSql(
      `create table "logout_token" ("digest" varchar(255) not null, "expires_at" timestamptz(3) not null, primary key ("digest"));`,
    );
    this.addSql(
      `create table "passkey" ("id" uuid not null, "account_id" uuid not null, "credential_id" text not null, "public_key" text not null, "counter" int not null default 0, "transports" text[] not null default '{}', "backed_up" boolean not null default false, "name" text not null, "last_used_at" timestamptz(3) null, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(`alter table "passkey" add constraint "passkey_credential_id_unique" unique ("credential_id");`);
    this.addSql(`create index "passkey_account_id_index" on "passkey" ("account_id");`);
    this.addSql(
      `create table "recovery_code" ("id" uuid not null, "account_id" uuid not null, "code_digest" varchar(255) not null, "used_at" timestamptz(3) null, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(
      `alter table "recovery_code" add constraint "recovery_code_account_id_code_digest_unique" unique ("account_id", "code_digest");`,
    );
    this.addSql(
      `create table "sign_in_step" ("token_digest" varchar(255) not null, "purpose" varchar(255) not null, "account_id" uuid null, "challenge" text null, "expires_at" timestamptz(3) not null, primary key ("token_digest"));`,
    );
    this.addSql(`create index "sign_in_step_account_id_index" on "sign_in_step" ("account_id");`);
    this.addSql(`alter table "organization" add "approval_assurance" varchar(255) not null default 'session';`);
    this.addSql(`alter table "membership" add "sessions_ended_at" timestamptz(3) null;`);
    this.addSql(
      `alter table "session_code" add "amr" text[] not null default '{}', add "acr" text null, add "sso_identity_id" uuid null, add "provider_session_id" text null, add "authenticated_at" timestamptz(3) not null, add "second_factor_at" timestamptz(3) null;`,
    );
    this.addSql(
      `alter table "session_code" add constraint "session_code_sso_identity_id_foreign" foreign key ("sso_identity_id") references "sso_identity" ("id") on delete set null;`,
    );
    this.addSql(
      `alter table "session" add "amr" text[] not null default '{}', add "acr" text null, add "sso_identity_id" uuid null, add "provider_session_id" text null, add "authenticated_at" timestamptz(3) not null default clock_timestamp(), add "second_factor_at" timestamptz(3) null;`,
    );
    this.addSql(
      `alter table "session" add constraint "session_sso_identity_id_foreign" foreign key ("sso_identity_id") references "sso_identity" ("id") on delete set null;`,
    );
    this.addSql(
      `alter table "address_change" add constraint "address_change_account_id_foreign" foreign key ("account_id") references "account" ("id");`,
    );
    this.addSql(`alter table "address_change" enable row level security;`);
    this.addSql(
      `create policy "address_change_system" on "address_change" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `alter table "authenticator_app" add constraint "authenticator_app_account_id_foreign" foreign key ("account_id") references "account" ("id") on update cascade on delete cascade;`,
    );
    this.addSql(`alter table "authenticator_app" enable row level security;`);
    this.addSql(
      `create policy "authenticator_app_system" on "authenticator_app" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(`alter table "failed_sign_in" enable row level security;`);
    this.addSql(
      `create policy "failed_sign_in_system" on "failed_sign_in" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(`alter table "logout_token" enable row level security;`);
    this.addSql(
      `create policy "logout_token_system" on "logout_token" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `alter table "passkey" add constraint "passkey_account_id_foreign" foreign key ("account_id") references "account" ("id");`,
    );
    this.addSql(`alter table "passkey" enable row level security;`);
    this.addSql(`create policy "passkey_system" on "passkey" to "countersign_system" using (true) with check (true);`);
    this.addSql(
      `alter table "recovery_code" add constraint "recovery_code_account_id_foreign" foreign key ("account_id") references "account" ("id");`,
    );
    this.addSql(`alter table "recovery_code" enable row level security;`);
    this.addSql(
      `create policy "recovery_code_system" on "recovery_code" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `alter table "sign_in_step" add constraint "sign_in_step_account_id_foreign" foreign key ("account_id") references "account" ("id") on delete cascade;`,
    );
    this.addSql(`alter table "sign_in_step" enable row level security;`);
    this.addSql(
      `create policy "sign_in_step_system" on "sign_in_step" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(`update "session" set "authenticated_at" = "created_at";`);
    for (const table of tables)
      this.addSql(`grant select, insert, update, delete on ${table} to countersign_tenant, countersign_system;`);
  }

  override down(): void | Promise<void> {
    for (const table of tables) this.addSql(`drop table "${table}";`);
    this.addSql(`alter table "membership" drop column "sessions_ended_at";`);
    this.addSql(`alter table "organization" drop column "approval_assurance";`);
    this.addSql(
      `alter table "session" drop column "amr", drop column "acr", drop column "sso_identity_id", drop column "provider_session_id", drop column "authenticated_at", drop column "second_factor_at";`,
    );
    this.addSql(
      `alter table "session_code" drop column "amr", drop column "acr", drop column "sso_identity_id", drop column "provider_session_id", drop column "authenticated_at", drop column "second_factor_at";`,
    );
  }
}
