import { Migration } from '@mikro-orm/migrations';

/** Access to some areas; what was asked for or granted before is for all of them. */
export class Areas extends Migration {
  override name = 'Migration20261126163000_areas';

  override up(): void | Promise<void> {
    this.addSql(`alter table "elevation" add "areas" text[] null;`);
    this.addSql(`alter table "grant" add "areas" text[] null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "grant" drop column "areas";`);
    this.addSql(`alter table "elevation" drop column "areas";`);
  }
}
