import { Migration } from '@mikro-orm/migrations';

/** Which notice of an external administrator's end was given last. */
export class ExternalTerms extends Migration {
  override name = 'Migration20261126164500_external-terms';

  override up(): void | Promise<void> {
    this.addSql(`alter table "membership" add column "noticed_days" int null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "membership" drop column "noticed_days";`);
  }
}
