import { Migration } from '@mikro-orm/migrations';

export class PayloadKeys extends Migration {
  override name = 'Migration20261126162000_payload-keys';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "payload_key" ("check_value" varchar(255) not null, "key_id" varchar(255) not null, "sealing_since" timestamptz(3) not null, "retired_at" timestamptz(3) null, primary key ("check_value"));`,
    );
    this.addSql(`alter table "payload_key" enable row level security;`);
    this.addSql(
      `create policy "payload_key_system" on "payload_key" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(`grant select, insert, update, delete on payload_key to countersign_system;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table "payload_key";`);
  }
}
