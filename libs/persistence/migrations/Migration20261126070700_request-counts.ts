import { Migration } from '@mikro-orm/migrations';

export class RequestCounts extends Migration {
  override name = 'Migration20261126070700_request-counts';

  override up(): void | Promise<void> {
    // Unlogged: a server that breaks down loses a minute's counts, and no write of them waits for a disk.
    this.addSql(
      `create unlogged table "request_count" ("key" varchar(255) not null, "hits" int not null, "window_ends_at" timestamptz(3) not null, primary key ("key"));`,
    );
    this.addSql(`alter table "request_count" enable row level security;`);
    this.addSql(
      `create policy "request_count_system" on "request_count" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(`grant select, insert, update, delete on request_count to countersign_system;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table "request_count";`);
  }
}
