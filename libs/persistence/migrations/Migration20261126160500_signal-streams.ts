import { Migration } from '@mikro-orm/migrations';

/** Streams of signals (OpenID SSF): a third form in which events leave an organization, and the keys that sign them. */
export class SignalStreams extends Migration {
  override name = 'Migration20261126160500_signal-streams';

  override up(): void | Promise<void> {
    this.addSql(`alter table "webhook" rename column "chat" to "format";`);
    this.addSql(`update "webhook" set "format" = 'events' where "format" is null;`);
    this.addSql(
      `alter table "webhook" alter column "format" set default 'events', alter column "format" set not null;`,
    );
    this.addSql(
      `create table "signal_key" ("id" varchar(255) not null, "public_key" jsonb not null, "sealed_private_key" text not null, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(`alter table "signal_key" enable row level security;`);
    this.addSql(
      `create policy "signal_key_system" on "signal_key" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(`grant select, insert, update, delete on signal_key to countersign_system;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table "signal_key";`);
    this.addSql(`delete from "webhook" where "format" = 'signals';`);
    this.addSql(`alter table "webhook" rename column "format" to "chat";`);
    this.addSql(`alter table "webhook" alter column "chat" drop not null, alter column "chat" drop default;`);
    this.addSql(`update "webhook" set "chat" = null where "chat" = 'events';`);
  }
}
