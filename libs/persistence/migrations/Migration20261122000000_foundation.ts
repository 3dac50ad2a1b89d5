import { Migration } from '@mikro-orm/migrations';

export class Foundation extends Migration {
  override name = 'Migration20261122000000_foundation';

  override up(): void | Promise<void> {
    // Roles belong to the cluster, so they may be there already from another database of it.
    for (const role of ['countersign_tenant', 'countersign_system']) {
      this.addSql(
        `do $$ begin create role ${role} nologin; exception when duplicate_object or unique_violation then null; end $$;`,
      );
      this.addSql(`grant ${role} to current_user;`);
    }
    this.addSql(`create sequence audit_event_order;`);

    this.addSql(
      `create table "account" ("id" uuid not null, "display_name" text not null, "email" text not null, "consumer" boolean not null default false, "time_zone" varchar(255) null, "removed_at" timestamptz(3) null, "version" int not null default 1, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );

    this.addSql(
      `create table "address" ("address" text not null, "account_id" uuid not null, "kind" varchar(255) not null, "verified_at" timestamptz(3) null, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("address"));`,
    );
    this.addSql(`create index "address_account_id_index" on "address" ("account_id");`);

    this.addSql(
      `create table "audit_event" ("id" uuid not null, "recorded_order" bigint not null default nextval('audit_event_order'), "action" varchar(255) not null, "actor" jsonb not null, "organization_ids" uuid[] not null, "subject" jsonb not null, "outcome" varchar(255) not null, "facts" jsonb not null default '{}', "personal" jsonb null, "salt" varchar(255) null, "personal_digest" varchar(255) not null, "grant_id" uuid null, "at" timestamptz(3) not null, "sealed_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(
      `alter table "audit_event" add constraint "audit_event_recorded_order_unique" unique ("recorded_order");`,
    );
    this.addSql(`create index audit_event_organizations on audit_event using gin (organization_ids);`);
    this.addSql(`create index audit_event_unsealed on audit_event (recorded_order) where sealed_at is null;`);

    this.addSql(
      `create table "audit_seal" ("organization_id" uuid not null, "position" int not null, "event_id" uuid not null, "previous_hash" varchar(255) not null, "hash" varchar(255) not null, primary key ("organization_id", "position"));`,
    );
    this.addSql(
      `alter table "audit_seal" add constraint "audit_seal_organization_id_event_id_unique" unique ("organization_id", "event_id");`,
    );

    this.addSql(
      `create table "credential" ("account_id" uuid not null, "username" text not null, "password_hash" text not null, "changed_at" timestamptz(3) not null, primary key ("account_id"));`,
    );
    this.addSql(`alter table "credential" add constraint "credential_username_unique" unique ("username");`);

    this.addSql(
      `create table "idempotency_record" ("principal" varchar(255) not null, "route" varchar(255) not null, "key" varchar(255) not null, "body_digest" varchar(255) not null, "response" jsonb null, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("principal", "route", "key"));`,
    );

    this.addSql(
      `create table "mail_delivery" ("id" uuid not null, "kind" varchar(255) not null, "row_id" uuid not null, "account_id" uuid null, "address" text null, "recipient_key" varchar(255) not null, "organization_ids" uuid[] not null, "edition" int not null default 1, "status" varchar(255) not null, "failure" varchar(255) null, "sent_at" timestamptz(3) null, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(`create index "mail_delivery_row_id_index" on "mail_delivery" ("row_id");`);
    this.addSql(
      `alter table "mail_delivery" add constraint "mail_delivery_kind_row_id_recipient_key_edition_unique" unique ("kind", "row_id", "recipient_key", "edition");`,
    );

    this.addSql(
      `create table "organization" ("id" uuid not null, "kind" varchar(255) not null, "name" text not null, "slug" varchar(255) not null, "login_methods" text[] not null, "sso_enabled_at" timestamptz(3) null, "sso" jsonb null, "domains" text[] not null default '{}', "restricted_mode" boolean not null default true, "disabled_features" text[] not null default '{}', "policy" jsonb not null default '{}', "user_count" int not null default 0, "has_active_licence" boolean not null default false, "version" int not null default 1, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(`alter table "organization" add constraint "organization_slug_unique" unique ("slug");`);

    this.addSql(
      `create table "membership" ("id" uuid not null, "organization_id" uuid not null, "account_id" uuid not null, "kind" varchar(255) not null, "workspace_role" varchar(255) null, "administrator_roles" text[] not null default '{}', "decrypt_logs" boolean not null default false, "scope" jsonb not null default '{"kind":"client"}', "app_tray" jsonb not null default '{"botBuilder":[],"applications":[]}', "until" timestamptz(3) null, "relationship_id" uuid null, "removed_at" timestamptz(3) null, "version" int not null default 1, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(`create index "membership_account_id_index" on "membership" ("account_id");`);
    this.addSql(`create index "membership_organization_id_index" on "membership" ("organization_id");`);
    this.addSql(
      `create unique index membership_one_per_person on membership (organization_id, account_id) where removed_at is null;`,
    );

    this.addSql(
      `create table "invite" ("id" uuid not null, "organization_id" uuid not null, "email" text not null, "person_key" text not null, "display_name" text null, "workspace_role" varchar(255) null, "administrator_roles" text[] not null default '{}', "scope" jsonb not null default '{"kind":"client"}', "app_tray" jsonb not null default '{"botBuilder":[],"applications":[]}', "invited_by_id" uuid null, "status" varchar(255) not null, "link_version" int not null default 1, "token_digest" varchar(255) not null, "mailed_version" int not null default 0, "reminded_at" timestamptz(3) null, "expires_at" timestamptz(3) not null, "decided_at" timestamptz(3) null, "accepted_by_id" uuid null, "failure" text null, "version" int not null default 1, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(`alter table "invite" add constraint "invite_token_digest_unique" unique ("token_digest");`);
    this.addSql(`create index "invite_organization_id_status_index" on "invite" ("organization_id", "status");`);
    this.addSql(
      `create unique index invite_one_open on invite (organization_id, person_key) where status in ('pending', 'failed');`,
    );

    this.addSql(
      `create table "help_desk_session" ("id" uuid not null, "customer_id" uuid not null, "partner_id" uuid not null, "account_id" uuid not null, "reason" text not null, "created_at" timestamptz(3) not null default clock_timestamp(), "version" int not null default 1, primary key ("id"));`,
    );
    this.addSql(`create index "help_desk_session_customer_id_index" on "help_desk_session" ("customer_id");`);
    this.addSql(`create index "help_desk_session_partner_id_index" on "help_desk_session" ("partner_id");`);
    this.addSql(`create index "help_desk_session_account_id_index" on "help_desk_session" ("account_id");`);

    this.addSql(
      `create table "group" ("id" uuid not null, "organization_id" uuid not null, "kind" varchar(255) not null, "name" text not null, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(
      `alter table "group" add constraint "group_organization_id_kind_name_unique" unique ("organization_id", "kind", "name");`,
    );

    this.addSql(
      `create table "grant" ("id" uuid not null, "kind" varchar(255) not null, "source_id" uuid not null, "organization_id" uuid not null, "partner_id" uuid not null, "account_id" uuid not null, "approved_by_id" uuid null, "starts_at" timestamptz(3) not null, "expires_at" timestamptz(3) not null, "status" varchar(255) not null, "ended_at" timestamptz(3) null, "ended_by_id" uuid null, "end_reason" text null, "version" int not null default 1, primary key ("id"));`,
    );
    this.addSql(`alter table "grant" add constraint "grant_source_id_unique" unique ("source_id");`);
    this.addSql(`create index "grant_organization_id_status_index" on "grant" ("organization_id", "status");`);
    this.addSql(`create index "grant_partner_id_status_index" on "grant" ("partner_id", "status");`);
    this.addSql(`create index "grant_account_id_index" on "grant" ("account_id");`);
    this.addSql(
      `create unique index grant_one_live on "grant" (account_id, organization_id, kind) where status = 'active';`,
    );

    this.addSql(
      `create table "external_administrator_request" ("id" uuid not null, "customer_id" uuid null, "customer_key" text not null, "customer_domain" text null, "partner_id" uuid not null, "requester_id" uuid not null, "addressed_to" text null, "reason" text not null, "status" varchar(255) not null, "decide_by" timestamptz(3) not null, "decided_at" timestamptz(3) null, "decided_by_id" uuid null, "decision_reason" text null, "unexpected" boolean not null default false, "approved_role" varchar(255) null, "until" timestamptz(3) null, "membership_id" uuid null, "version" int not null default 1, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(
      `create index "external_administrator_request_customer_id_status_index" on "external_administrator_request" ("customer_id", "status");`,
    );
    this.addSql(
      `create index "external_administrator_request_partner_id_status_index" on "external_administrator_request" ("partner_id", "status");`,
    );
    this.addSql(
      `create index "external_administrator_request_requester_id_index" on "external_administrator_request" ("requester_id");`,
    );
    this.addSql(
      `create unique index external_administrator_request_one_open on external_administrator_request (requester_id, customer_key) where status = 'pending';`,
    );

    this.addSql(
      `create table "elevation" ("id" uuid not null, "customer_id" uuid not null, "partner_id" uuid not null, "requester_id" uuid not null, "reason" text not null, "ticket" text null, "duration_seconds" int not null, "status" varchar(255) not null, "created_at" timestamptz(3) not null default clock_timestamp(), "decide_by" timestamptz(3) not null, "decided_at" timestamptz(3) null, "decided_by_id" uuid null, "decision_reason" text null, "unexpected" boolean not null default false, "version" int not null default 1, primary key ("id"));`,
    );
    this.addSql(`create index "elevation_customer_id_status_index" on "elevation" ("customer_id", "status");`);
    this.addSql(`create index "elevation_partner_id_status_index" on "elevation" ("partner_id", "status");`);
    this.addSql(`create index "elevation_requester_id_index" on "elevation" ("requester_id");`);
    this.addSql(
      `create unique index elevation_one_open on elevation (requester_id, customer_id) where status = 'pending';`,
    );

    this.addSql(
      `create table "customer_assignment" ("id" uuid not null, "membership_id" uuid not null, "partner_id" uuid not null, "customer_id" uuid not null, "source" varchar(255) not null, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(
      `alter table "customer_assignment" add constraint "customer_assignment_membership_id_customer_id_source_unique" unique ("membership_id", "customer_id", "source");`,
    );

    this.addSql(
      `create table "api_key" ("id" uuid not null, "organization_id" uuid not null, "name" text not null, "token_digest" varchar(255) not null, "workspace_role" varchar(255) null, "administrator_roles" text[] not null default '{}', "created_by_account_id" uuid null, "revoked_at" timestamptz(3) null, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(`alter table "api_key" add constraint "api_key_token_digest_unique" unique ("token_digest");`);
    this.addSql(`create index "api_key_organization_id_index" on "api_key" ("organization_id");`);

    this.addSql(
      `create table "password_reset" ("id" uuid not null, "account_id" uuid not null, "token_digest" varchar(255) not null, "expires_at" timestamptz(3) not null, "used_at" timestamptz(3) null, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(
      `alter table "password_reset" add constraint "password_reset_token_digest_unique" unique ("token_digest");`,
    );
    this.addSql(`create index "password_reset_account_id_index" on "password_reset" ("account_id");`);

    this.addSql(
      `create table "relationship" ("id" uuid not null, "partner_id" uuid not null, "customer_id" uuid not null, "origin" varchar(255) not null, "active_from" timestamptz(3) not null, "active_until" timestamptz(3) null, "version" int not null default 1, primary key ("id"));`,
    );
    this.addSql(`create index "relationship_customer_id_index" on "relationship" ("customer_id");`);
    this.addSql(`create index "relationship_partner_id_index" on "relationship" ("partner_id");`);
    this.addSql(
      `create unique index relationship_one_active on relationship (partner_id, customer_id, origin) where active_until is null;`,
    );

    this.addSql(
      `create table "session" ("id" uuid not null, "account_id" uuid not null, "token_digest" varchar(255) not null, "organization_id" uuid null, "method" varchar(255) not null, "user_agent" text null, "last_seen_at" timestamptz(3) not null, "expires_at" timestamptz(3) not null, "revoked_at" timestamptz(3) null, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(`alter table "session" add constraint "session_token_digest_unique" unique ("token_digest");`);
    this.addSql(`create index "session_account_id_index" on "session" ("account_id");`);

    this.addSql(
      `create table "sso_identity" ("id" uuid not null, "organization_id" uuid not null, "issuer" text not null, "subject" text not null, "account_id" uuid not null, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(`create index "sso_identity_account_id_index" on "sso_identity" ("account_id");`);
    this.addSql(
      `alter table "sso_identity" add constraint "sso_identity_organization_id_issuer_subject_unique" unique ("organization_id", "issuer", "subject");`,
    );

    this.addSql(
      `create table "workflow_nudge" ("workflow_id" varchar(255) not null, "workflow_type" varchar(255) not null, "row_id" uuid not null, "requested_revision" int not null default 1, "delivered_revision" int not null default 0, "requested_at" timestamptz(3) not null, primary key ("workflow_id"));`,
    );
    this.addSql(
      `create index workflow_nudge_undelivered on workflow_nudge (requested_at) where delivered_revision < requested_revision;`,
    );

    this.addSql(`alter table "account" enable row level security;`);
    this.addSql(`create policy "account_system" on "account" to "countersign_system" using (true) with check (true);`);
    this.addSql(
      `create policy "account_tenant" on "account" to "countersign_tenant" using (account.id = nullif(current_setting('countersign.account', true), '')::uuid or exists (select 1 from membership where membership.account_id = account.id)) with check (id = nullif(current_setting('countersign.account', true), '')::uuid);`,
    );

    this.addSql(
      `alter table "address" add constraint "address_account_id_foreign" foreign key ("account_id") references "account" ("id");`,
    );
    this.addSql(`alter table "address" enable row level security;`);
    this.addSql(`create policy "address_system" on "address" to "countersign_system" using (true) with check (true);`);
    this.addSql(
      `create policy "address_tenant" on "address" to "countersign_tenant" using (address.account_id = nullif(current_setting('countersign.account', true), '')::uuid or exists (select 1 from membership where membership.account_id = address.account_id)) with check (false);`,
    );

    this.addSql(`alter table "audit_event" enable row level security;`);
    this.addSql(
      `create policy "audit_event_system" on "audit_event" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "audit_event_tenant" on "audit_event" to "countersign_tenant" using (organization_ids && string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[]) with check (true);`,
    );

    this.addSql(`alter table "audit_seal" enable row level security;`);
    this.addSql(
      `create policy "audit_seal_system" on "audit_seal" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "audit_seal_tenant" on "audit_seal" to "countersign_tenant" using (organization_id = any (string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[])) with check (false);`,
    );

    this.addSql(
      `alter table "credential" add constraint "credential_account_id_foreign" foreign key ("account_id") references "account" ("id") on update cascade on delete cascade;`,
    );
    this.addSql(`alter table "credential" enable row level security;`);
    this.addSql(
      `create policy "credential_system" on "credential" to "countersign_system" using (true) with check (true);`,
    );

    this.addSql(`alter table "idempotency_record" enable row level security;`);
    this.addSql(
      `create policy "idempotency_record_system" on "idempotency_record" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "idempotency_record_tenant" on "idempotency_record" to "countersign_tenant" using (principal = nullif(current_setting('countersign.principal', true), '')) with check (principal = nullif(current_setting('countersign.principal', true), ''));`,
    );

    this.addSql(
      `alter table "mail_delivery" add constraint "mail_delivery_account_id_foreign" foreign key ("account_id") references "account" ("id") on delete set null;`,
    );
    this.addSql(`alter table "mail_delivery" enable row level security;`);
    this.addSql(
      `create policy "mail_delivery_system" on "mail_delivery" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "mail_delivery_tenant" on "mail_delivery" to "countersign_tenant" using (organization_ids && string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[]) with check (false);`,
    );

    this.addSql(`alter table "organization" enable row level security;`);
    this.addSql(
      `create policy "organization_system" on "organization" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "organization_tenant" on "organization" to "countersign_tenant" using (id = any (string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[])) with check (id = any (string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[]));`,
    );

    this.addSql(
      `alter table "membership" add constraint "membership_organization_id_foreign" foreign key ("organization_id") references "organization" ("id");`,
    );
    this.addSql(
      `alter table "membership" add constraint "membership_account_id_foreign" foreign key ("account_id") references "account" ("id");`,
    );
    this.addSql(`alter table "membership" enable row level security;`);
    this.addSql(
      `create policy "membership_system" on "membership" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "membership_tenant" on "membership" to "countersign_tenant" using (organization_id = any (string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[]) or account_id = nullif(current_setting('countersign.account', true), '')::uuid) with check (organization_id = any (string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[]));`,
    );

    this.addSql(
      `alter table "invite" add constraint "invite_organization_id_foreign" foreign key ("organization_id") references "organization" ("id");`,
    );
    this.addSql(`alter table "invite" enable row level security;`);
    this.addSql(`create policy "invite_system" on "invite" to "countersign_system" using (true) with check (true);`);
    this.addSql(
      `create policy "invite_tenant" on "invite" to "countersign_tenant" using (organization_id = any (string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[])) with check (organization_id = any (string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[]));`,
    );

    this.addSql(
      `alter table "help_desk_session" add constraint "help_desk_session_customer_id_foreign" foreign key ("customer_id") references "organization" ("id");`,
    );
    this.addSql(
      `alter table "help_desk_session" add constraint "help_desk_session_partner_id_foreign" foreign key ("partner_id") references "organization" ("id");`,
    );
    this.addSql(
      `alter table "help_desk_session" add constraint "help_desk_session_account_id_foreign" foreign key ("account_id") references "account" ("id");`,
    );
    this.addSql(`alter table "help_desk_session" enable row level security;`);
    this.addSql(
      `create policy "help_desk_session_system" on "help_desk_session" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "help_desk_session_tenant" on "help_desk_session" to "countersign_tenant" using (customer_id = any (string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[]) or partner_id = any (string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[])) with check (customer_id = any (string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[]) or partner_id = any (string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[]));`,
    );

    this.addSql(
      `alter table "group" add constraint "group_organization_id_foreign" foreign key ("organization_id") references "organization" ("id");`,
    );
    this.addSql(`alter table "group" enable row level security;`);
    this.addSql(`create policy "group_system" on "group" to "countersign_system" using (true) with check (true);`);
    this.addSql(
      `create policy "group_tenant" on "group" to "countersign_tenant" using (organization_id = any (string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[])) with check (organization_id = any (string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[]));`,
    );

    this.addSql(
      `alter table "grant" add constraint "grant_organization_id_foreign" foreign key ("organization_id") references "organization" ("id");`,
    );
    this.addSql(
      `alter table "grant" add constraint "grant_partner_id_foreign" foreign key ("partner_id") references "organization" ("id");`,
    );
    this.addSql(
      `alter table "grant" add constraint "grant_account_id_foreign" foreign key ("account_id") references "account" ("id");`,
    );
    this.addSql(`alter table "grant" enable row level security;`);
    this.addSql(`create policy "grant_system" on "grant" to "countersign_system" using (true) with check (true);`);
    this.addSql(
      `create policy "grant_tenant" on "grant" to "countersign_tenant" using (organization_id = any (string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[]) or partner_id = any (string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[])) with check (organization_id = any (string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[]) or partner_id = any (string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[]));`,
    );

    this.addSql(
      `alter table "external_administrator_request" add constraint "external_administrator_request_customer_id_foreign" foreign key ("customer_id") references "organization" ("id") on delete set null;`,
    );
    this.addSql(
      `alter table "external_administrator_request" add constraint "external_administrator_request_partner_id_foreign" foreign key ("partner_id") references "organization" ("id");`,
    );
    this.addSql(
      `alter table "external_administrator_request" add constraint "external_administrator_request_requester_id_foreign" foreign key ("requester_id") references "account" ("id");`,
    );
    this.addSql(`alter table "external_administrator_request" enable row level security;`);
    this.addSql(
      `create policy "external_administrator_request_system" on "external_administrator_request" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "external_administrator_request_tenant" on "external_administrator_request" to "countersign_tenant" using (customer_id = any (string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[]) or partner_id = any (string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[])) with check (customer_id = any (string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[]) or partner_id = any (string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[]));`,
    );

    this.addSql(
      `alter table "elevation" add constraint "elevation_customer_id_foreign" foreign key ("customer_id") references "organization" ("id");`,
    );
    this.addSql(
      `alter table "elevation" add constraint "elevation_partner_id_foreign" foreign key ("partner_id") references "organization" ("id");`,
    );
    this.addSql(
      `alter table "elevation" add constraint "elevation_requester_id_foreign" foreign key ("requester_id") references "account" ("id");`,
    );
    this.addSql(`alter table "elevation" enable row level security;`);
    this.addSql(
      `create policy "elevation_system" on "elevation" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "elevation_tenant" on "elevation" to "countersign_tenant" using (customer_id = any (string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[]) or partner_id = any (string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[])) with check (customer_id = any (string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[]) or partner_id = any (string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[]));`,
    );

    this.addSql(
      `alter table "customer_assignment" add constraint "customer_assignment_membership_id_foreign" foreign key ("membership_id") references "membership" ("id");`,
    );
    this.addSql(
      `alter table "customer_assignment" add constraint "customer_assignment_partner_id_foreign" foreign key ("partner_id") references "organization" ("id");`,
    );
    this.addSql(
      `alter table "customer_assignment" add constraint "customer_assignment_customer_id_foreign" foreign key ("customer_id") references "organization" ("id");`,
    );
    this.addSql(`alter table "customer_assignment" enable row level security;`);
    this.addSql(
      `create policy "customer_assignment_system" on "customer_assignment" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "customer_assignment_tenant" on "customer_assignment" to "countersign_tenant" using (partner_id = any (string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[]) or customer_id = any (string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[])) with check (partner_id = any (string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[]) or customer_id = any (string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[]));`,
    );

    this.addSql(
      `alter table "api_key" add constraint "api_key_organization_id_foreign" foreign key ("organization_id") references "organization" ("id");`,
    );
    this.addSql(`alter table "api_key" enable row level security;`);
    this.addSql(`create policy "api_key_system" on "api_key" to "countersign_system" using (true) with check (true);`);
    this.addSql(
      `create policy "api_key_tenant" on "api_key" to "countersign_tenant" using (organization_id = any (string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[])) with check (organization_id = any (string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[]));`,
    );

    this.addSql(
      `alter table "password_reset" add constraint "password_reset_account_id_foreign" foreign key ("account_id") references "account" ("id");`,
    );
    this.addSql(`alter table "password_reset" enable row level security;`);
    this.addSql(
      `create policy "password_reset_system" on "password_reset" to "countersign_system" using (true) with check (true);`,
    );

    this.addSql(
      `alter table "relationship" add constraint "relationship_partner_id_foreign" foreign key ("partner_id") references "organization" ("id");`,
    );
    this.addSql(
      `alter table "relationship" add constraint "relationship_customer_id_foreign" foreign key ("customer_id") references "organization" ("id");`,
    );
    this.addSql(`alter table "relationship" enable row level security;`);
    this.addSql(
      `create policy "relationship_system" on "relationship" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "relationship_tenant" on "relationship" to "countersign_tenant" using (partner_id = any (string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[]) or customer_id = any (string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[])) with check (partner_id = any (string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[]) or customer_id = any (string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[]));`,
    );

    this.addSql(
      `alter table "session" add constraint "session_account_id_foreign" foreign key ("account_id") references "account" ("id");`,
    );
    this.addSql(
      `alter table "session" add constraint "session_organization_id_foreign" foreign key ("organization_id") references "organization" ("id") on delete set null;`,
    );
    this.addSql(`alter table "session" enable row level security;`);
    this.addSql(`create policy "session_system" on "session" to "countersign_system" using (true) with check (true);`);

    this.addSql(
      `alter table "sso_identity" add constraint "sso_identity_organization_id_foreign" foreign key ("organization_id") references "organization" ("id");`,
    );
    this.addSql(
      `alter table "sso_identity" add constraint "sso_identity_account_id_foreign" foreign key ("account_id") references "account" ("id");`,
    );
    this.addSql(`alter table "sso_identity" enable row level security;`);
    this.addSql(
      `create policy "sso_identity_system" on "sso_identity" to "countersign_system" using (true) with check (true);`,
    );

    this.addSql(`alter table "workflow_nudge" enable row level security;`);
    this.addSql(
      `create policy "workflow_nudge_system" on "workflow_nudge" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "workflow_nudge_tenant" on "workflow_nudge" to "countersign_tenant" using (true) with check (true);`,
    );

    this.addSql(`grant usage on schema public to countersign_tenant, countersign_system;`);
    this.addSql(
      `grant select, insert, update, delete on all tables in schema public to countersign_tenant, countersign_system;`,
    );
    this.addSql(`grant usage, select on all sequences in schema public to countersign_tenant, countersign_system;`);
    this.addSql(
      `alter default privileges in schema public grant select, insert, update, delete on tables to countersign_tenant, countersign_system;`,
    );
    this.addSql(
      `alter default privileges in schema public grant usage, select on sequences to countersign_tenant, countersign_system;`,
    );

    this.addSql(
      `insert into organization (id, kind, name, slug, login_methods, version) values (gen_random_uuid(), 'platform', 'Support team', 'platform', '{password}', 1);`,
    );

    // The trail is append-only for everybody: sealing sets its mark, erasure empties the personal part, nothing else.
    this.addSql(`create function audit_event_append_only() returns trigger language plpgsql as $$
      begin
        if tg_op = 'DELETE' or tg_op = 'TRUNCATE' then
          raise exception 'audit events are append-only' using errcode = 'insufficient_privilege';
        end if;
        if (to_jsonb(new) - 'sealed_at' - 'personal' - 'salt') <> (to_jsonb(old) - 'sealed_at' - 'personal' - 'salt')
          or (new.personal is not null and new.personal is distinct from old.personal)
          or (old.sealed_at is not null and new.sealed_at is distinct from old.sealed_at) then
          raise exception 'audit events are append-only' using errcode = 'insufficient_privilege';
        end if;
        return new;
      end $$;`);
    this.addSql(
      `create trigger audit_event_append_only before update or delete on audit_event for each row execute function audit_event_append_only();`,
    );
    this.addSql(
      `create trigger audit_event_no_truncate before truncate on audit_event for each statement execute function audit_event_append_only();`,
    );
  }
}
