import { Migration } from '@mikro-orm/migrations';

const organizations = `(select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]`;
const visible = `organization_id = any (${organizations}) or partner_id = any (${organizations})`;

/** What was done with a temporary access, and how often it let somebody do something. */
export class Activities extends Migration {
  override name = 'Migration20261126161000_activities';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "activity" ("id" uuid not null, "grant_id" uuid not null, "organization_id" uuid not null, "partner_id" uuid not null, "reporter_key_id" uuid not null, "reporter_organization_id" uuid not null, "action" text not null, "resource" jsonb not null, "outcome" varchar(255) not null, "external_id" text not null, "at" timestamptz(3) not null, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(`create index "activity_grant_id_id_index" on "activity" ("grant_id", "id");`);
    this.addSql(
      `alter table "activity" add constraint "activity_grant_id_reporter_organization_id_external_id_unique" unique ("grant_id", "reporter_organization_id", "external_id");`,
    );
    for (const side of ['organization_id', 'partner_id'])
      this.addSql(
        `alter table "activity" add constraint "activity_${side}_foreign" foreign key ("${side}") references "organization" ("id");`,
      );
    this.addSql(`alter table "activity" enable row level security;`);
    this.addSql(
      `create policy "activity_system" on "activity" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "activity_tenant" on "activity" to "countersign_tenant" using (${visible}) with check (${visible});`,
    );
    // Evidence is added and read; whoever tells of an act does not take it back.
    this.addSql(`revoke update, delete on activity from countersign_tenant, countersign_system;`);
    this.addSql(`alter table "grant" add column "evaluations" int not null default 0;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "grant" drop column "evaluations";`);
    this.addSql(`drop table "activity";`);
  }
}
