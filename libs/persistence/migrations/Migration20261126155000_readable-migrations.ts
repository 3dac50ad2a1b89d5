import { Migration } from '@mikro-orm/migrations';

/** API and worker see which migrations have run: readiness says no to a schema that is older than the release. */
export class ReadableMigrations extends Migration {
  override name = 'Migration20261126155000_readable-migrations';

  override up(): void | Promise<void> {
    this.addSql(`grant select on mikro_orm_migrations to countersign_system;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`revoke select on mikro_orm_migrations from countersign_system;`);
  }
}
