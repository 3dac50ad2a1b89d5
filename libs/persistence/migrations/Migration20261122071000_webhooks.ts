import { Migration } from '@mikro-orm/migrations';

const reach = `string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[]`;

export class Webhooks extends Migration {
  override name = 'Migration20261122071000_webhooks';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "webhook" ("id" uuid not null, "organization_id" uuid not null, "url" text not null, "actions" text[] null, "description" text null, "sealed_secret" text not null, "sealed_previous_secret" text null, "previous_secret_until" timestamptz(3) null, "created_by_account_id" uuid null, "vouched_by_account_id" uuid null, "created_at" timestamptz(3) not null default clock_timestamp(), "enabled" boolean not null default true, "disabled_reason" varchar(255) null, "position" int not null, "last_delivered_at" timestamptz(3) null, "last_failure" jsonb null, "failures" int not null default 0, "failing_since" timestamptz(3) null, "next_attempt_at" timestamptz(3) null, "lease" uuid null, "leased_until" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(`create index "webhook_organization_id_index" on "webhook" ("organization_id");`);
    this.addSql(
      `alter table "webhook" add constraint "webhook_organization_id_foreign" foreign key ("organization_id") references "organization" ("id");`,
    );
    this.addSql(`alter table "webhook" enable row level security;`);
    this.addSql(`create policy "webhook_system" on "webhook" to "countersign_system" using (true) with check (true);`);
    this.addSql(
      `create policy "webhook_tenant" on "webhook" to "countersign_tenant" using (organization_id = any (${reach})) with check (organization_id = any (${reach}));`,
    );
    this.addSql(`grant select, insert, update, delete on webhook to countersign_tenant, countersign_system;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table "webhook";`);
  }
}
