import { Migration } from '@mikro-orm/migrations';

export class SeenAndUsed extends Migration {
  override name = 'Migration20261122060000_seen-and-used';

  override up(): void | Promise<void> {
    this.addSql(`alter table "elevation" add column "seen_at" timestamptz(3) null, add column "seen_by_id" uuid null;`);
    this.addSql(`alter table "grant" add column "used_at" timestamptz(3) null;`);
  }
}
