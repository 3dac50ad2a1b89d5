import { Migration } from '@mikro-orm/migrations';

export class PagesAndLeases extends Migration {
  override name = 'Migration20261125154100_pages-and-leases';

  override up(): void | Promise<void> {
    this.addSql(
      `alter table "audit_event" add "subject_id" text generated always as (subject ->> 'id') stored null, add "actor_id" text generated always as (actor ->> 'id') stored null;`,
    );
    this.addSql(`create index "audit_event_subject_id_index" on "audit_event" ("subject_id");`);
    // Before an update is written its generated columns are not there yet; they follow from what must not change.
    this.addSql(`create or replace function audit_event_append_only() returns trigger language plpgsql as $$
      begin
        if tg_op = 'DELETE' or tg_op = 'TRUNCATE' then
          raise exception 'audit events are append-only' using errcode = 'insufficient_privilege';
        end if;
        if (to_jsonb(new) - 'sealed_at' - 'personal' - 'salt' - 'subject_id' - 'actor_id') <> (to_jsonb(old) - 'sealed_at' - 'personal' - 'salt' - 'subject_id' - 'actor_id')
          or (new.personal is not null and new.personal is distinct from old.personal)
          or (old.sealed_at is not null and new.sealed_at is distinct from old.sealed_at) then
          raise exception 'audit events are append-only' using errcode = 'insufficient_privilege';
        end if;
        return new;
      end $$;`);
    this.addSql(`create index "audit_event_actor_id_index" on "audit_event" ("actor_id");`);

    this.addSql(`drop index "membership_organization_id_index";`);
    this.addSql(`create index "membership_organization_id_id_index" on "membership" ("organization_id", "id");`);

    this.addSql(`drop index "invite_organization_id_status_index";`);
    this.addSql(`create index "invite_organization_id_id_index" on "invite" ("organization_id", "id");`);
    this.addSql(
      `create index "invite_organization_id_status_id_index" on "invite" ("organization_id", "status", "id");`,
    );

    this.addSql(`drop index "grant_account_id_index";`);
    this.addSql(`drop index "grant_organization_id_status_index";`);
    this.addSql(`drop index "grant_partner_id_status_index";`);
    this.addSql(`create index "grant_organization_id_id_index" on "grant" ("organization_id", "id");`);
    this.addSql(`create index "grant_organization_id_status_id_index" on "grant" ("organization_id", "status", "id");`);
    this.addSql(`create index "grant_partner_id_id_index" on "grant" ("partner_id", "id");`);
    this.addSql(`create index "grant_partner_id_status_id_index" on "grant" ("partner_id", "status", "id");`);
    this.addSql(`create index "grant_account_id_id_index" on "grant" ("account_id", "id");`);

    this.addSql(`drop index "elevation_customer_id_status_index";`);
    this.addSql(`drop index "elevation_partner_id_status_index";`);
    this.addSql(`drop index "elevation_requester_id_index";`);
    this.addSql(`create index "elevation_customer_id_id_index" on "elevation" ("customer_id", "id");`);
    this.addSql(`create index "elevation_customer_id_status_id_index" on "elevation" ("customer_id", "status", "id");`);
    this.addSql(`create index "elevation_partner_id_id_index" on "elevation" ("partner_id", "id");`);
    this.addSql(`create index "elevation_partner_id_status_id_index" on "elevation" ("partner_id", "status", "id");`);
    this.addSql(`create index "elevation_requester_id_id_index" on "elevation" ("requester_id", "id");`);

    this.addSql(`drop index "help_desk_session_customer_id_index";`);
    this.addSql(`create index "help_desk_session_customer_id_id_index" on "help_desk_session" ("customer_id", "id");`);
    this.addSql(`drop index "help_desk_session_partner_id_index";`);
    this.addSql(`create index "help_desk_session_partner_id_id_index" on "help_desk_session" ("partner_id", "id");`);
    this.addSql(`drop index "help_desk_session_account_id_index";`);
    this.addSql(`create index "help_desk_session_account_id_id_index" on "help_desk_session" ("account_id", "id");`);

    this.addSql(`drop index "relationship_partner_id_index";`);
    this.addSql(
      `create index "relationship_partner_id_customer_id_index" on "relationship" ("partner_id", "customer_id");`,
    );

    this.addSql(`alter table "workflow_nudge" add "leased_until" timestamptz(3) null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "audit_event_subject_id_index";`);
    this.addSql(`drop index "audit_event_actor_id_index";`);
    this.addSql(`alter table "audit_event" drop column "subject_id", drop column "actor_id";`);
    this.addSql(`create or replace function audit_event_append_only() returns trigger language plpgsql as $$
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

    this.addSql(`drop index "elevation_customer_id_id_index";`);
    this.addSql(`drop index "elevation_customer_id_status_id_index";`);
    this.addSql(`drop index "elevation_partner_id_id_index";`);
    this.addSql(`drop index "elevation_partner_id_status_id_index";`);
    this.addSql(`drop index "elevation_requester_id_id_index";`);
    this.addSql(`create index "elevation_customer_id_status_index" on "elevation" ("customer_id", "status");`);
    this.addSql(`create index "elevation_partner_id_status_index" on "elevation" ("partner_id", "status");`);
    this.addSql(`create index "elevation_requester_id_index" on "elevation" ("requester_id");`);

    this.addSql(`drop index "grant_organization_id_id_index";`);
    this.addSql(`drop index "grant_organization_id_status_id_index";`);
    this.addSql(`drop index "grant_partner_id_id_index";`);
    this.addSql(`drop index "grant_partner_id_status_id_index";`);
    this.addSql(`drop index "grant_account_id_id_index";`);
    this.addSql(`create index "grant_account_id_index" on "grant" ("account_id");`);
    this.addSql(`create index "grant_organization_id_status_index" on "grant" ("organization_id", "status");`);
    this.addSql(`create index "grant_partner_id_status_index" on "grant" ("partner_id", "status");`);

    this.addSql(`drop index "invite_organization_id_id_index";`);
    this.addSql(`drop index "invite_organization_id_status_id_index";`);
    this.addSql(`create index "invite_organization_id_status_index" on "invite" ("organization_id", "status");`);

    this.addSql(`drop index "membership_organization_id_id_index";`);
    this.addSql(`create index "membership_organization_id_index" on "membership" ("organization_id");`);

    this.addSql(`drop index "help_desk_session_customer_id_id_index";`);
    this.addSql(`create index "help_desk_session_customer_id_index" on "help_desk_session" ("customer_id");`);
    this.addSql(`drop index "help_desk_session_partner_id_id_index";`);
    this.addSql(`create index "help_desk_session_partner_id_index" on "help_desk_session" ("partner_id");`);
    this.addSql(`drop index "help_desk_session_account_id_id_index";`);
    this.addSql(`create index "help_desk_session_account_id_index" on "help_desk_session" ("account_id");`);

    this.addSql(`drop index "relationship_partner_id_customer_id_index";`);
    this.addSql(`create index "relationship_partner_id_index" on "relationship" ("partner_id");`);

    this.addSql(`alter table "workflow_nudge" drop column "leased_until";`);
  }
}
