import { Migration } from '@mikro-orm/migrations';

const reach = `string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[]`;

export class InviteBatches extends Migration {
  override name = 'Migration20261122051500_invite-batches';

  override up(): void | Promise<void> {
    this.addSql(
      `alter table "invite" add column "link_issued_at" timestamptz(3) not null default clock_timestamp(), add column "failed_at" timestamptz(3) null;`,
    );
    // Links of before were made with their invite.
    this.addSql(`update "invite" set "link_issued_at" = "created_at";`);

    this.addSql(
      `create table "invite_batch" ("id" uuid not null, "organization_id" uuid not null, "inviter_kind" varchar(255) not null, "inviter_id" uuid null, "created_at" timestamptz(3) not null default clock_timestamp(), "finished_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(`create index "invite_batch_organization_id_index" on "invite_batch" ("organization_id");`);
    this.addSql(
      `alter table "invite_batch" add constraint "invite_batch_organization_id_foreign" foreign key ("organization_id") references "organization" ("id");`,
    );
    this.addSql(
      `create table "invite_batch_row" ("batch_id" uuid not null, "row_number" int not null, "organization_id" uuid not null, "line" int null, "input" jsonb not null, "status" varchar(255) not null, "code" varchar(255) null, "message" text null, "invite_id" uuid null, primary key ("batch_id", "row_number"));`,
    );
    this.addSql(
      `create index invite_batch_row_waiting on invite_batch_row (batch_id, row_number) where status = 'waiting';`,
    );
    this.addSql(
      `alter table "invite_batch_row" add constraint "invite_batch_row_batch_id_foreign" foreign key ("batch_id") references "invite_batch" ("id");`,
    );
    this.addSql(
      `alter table "invite_batch_row" add constraint "invite_batch_row_organization_id_foreign" foreign key ("organization_id") references "organization" ("id");`,
    );
    for (const table of ['invite_batch', 'invite_batch_row']) {
      this.addSql(`alter table "${table}" enable row level security;`);
      this.addSql(
        `create policy "${table}_system" on "${table}" to "countersign_system" using (true) with check (true);`,
      );
      this.addSql(
        `create policy "${table}_tenant" on "${table}" to "countersign_tenant" using (organization_id = any (${reach})) with check (organization_id = any (${reach}));`,
      );
      this.addSql(`grant select, insert, update, delete on ${table} to countersign_tenant, countersign_system;`);
    }
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table "invite_batch_row";`);
    this.addSql(`drop table "invite_batch";`);
    this.addSql(`alter table "invite" drop column "link_issued_at", drop column "failed_at";`);
  }
}
