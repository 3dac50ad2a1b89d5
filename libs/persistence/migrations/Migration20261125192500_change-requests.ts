import { Migration } from '@mikro-orm/migrations';

const organizations = `(select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]`;
const visible = `organization_id = any (${organizations}) or partner_id = any (${organizations})`;
const indexes = {
  organization_id_status: '"organization_id", "status"',
  partner_id_status: '"partner_id", "status"',
  requester_id: '"requester_id"',
};

export class ChangeRequests extends Migration {
  override name = 'Migration20261125192500_change-requests';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "change_request" ("id" uuid not null, "organization_id" uuid not null, "partner_id" uuid null, "requester_id" uuid not null, "requester_kind" varchar(255) not null, "kind" varchar(255) not null, "about" text not null, "change" jsonb not null, "reason" text not null, "status" varchar(255) not null, "created_at" timestamptz(3) not null default clock_timestamp(), "decide_by" timestamptz(3) not null, "decided_at" timestamptz(3) null, "decided_by_id" uuid null, "decision_reason" text null, "unexpected" boolean not null default false, "invite_id" uuid null, "version" int not null default 1, primary key ("id"));`,
    );
    for (const [name, columns] of Object.entries(indexes))
      this.addSql(`create index "change_request_${name}_index" on "change_request" (${columns});`);
    this.addSql(
      `create unique index change_request_one_open on change_request (organization_id, kind, about) where status = 'pending';`,
    );
    this.addSql(`alter table "change_request" add constraint "change_request_invite_id_unique" unique ("invite_id");`);
    for (const side of ['organization_id', 'partner_id'])
      this.addSql(
        `alter table "change_request" add constraint "change_request_${side}_foreign" foreign key ("${side}") references "organization" ("id")${side === 'partner_id' ? ' on delete set null' : ''};`,
      );
    this.addSql(`alter table "change_request" enable row level security;`);
    this.addSql(
      `create policy "change_request_system" on "change_request" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "change_request_tenant" on "change_request" to "countersign_tenant" using (${visible}) with check (${visible});`,
    );
    this.addSql(`grant select, insert, update, delete on change_request to countersign_tenant, countersign_system;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table "change_request";`);
  }
}
