import { Migration } from '@mikro-orm/migrations';

export class SupportActions extends Migration {
  override name = 'Migration20261125152216_support-actions';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "support_action" ("id" uuid not null, "organization_id" uuid not null, "act" jsonb not null, "reason" text not null, "status" varchar(255) not null, "proposed_by_id" uuid not null, "decide_by" timestamptz(3) not null, "decided_by_id" uuid null, "decided_at" timestamptz(3) null, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(`create index "support_action_status_index" on "support_action" ("status");`);
    this.addSql(
      `alter table "support_action" add constraint "support_action_organization_id_foreign" foreign key ("organization_id") references "organization" ("id");`,
    );
    this.addSql(
      `alter table "support_action" add constraint "support_action_proposed_by_id_foreign" foreign key ("proposed_by_id") references "account" ("id");`,
    );
    this.addSql(
      `alter table "support_action" add constraint "support_action_decided_by_id_foreign" foreign key ("decided_by_id") references "account" ("id") on delete set null;`,
    );
    this.addSql(`alter table "support_action" enable row level security;`);
    this.addSql(
      `create policy "support_action_system" on "support_action" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(`grant select, insert, update, delete on support_action to countersign_system;`);
  }
}
