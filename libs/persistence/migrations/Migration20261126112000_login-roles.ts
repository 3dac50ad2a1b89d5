import { Migration } from '@mikro-orm/migrations';

/** Roles to sign in by (database-roles.sql): what each process may become, and nothing it owns. */
export class LoginRoles extends Migration {
  override name = 'Migration20261126112000_login-roles';

  override up(): void | Promise<void> {
    for (const role of ['countersign_api', 'countersign_worker']) {
      this.addSql(
        `do $$ begin create role ${role} nologin; exception when duplicate_object or unique_violation then null; end $$;`,
      );
    }
    // They switch for each transaction, and have nothing before they do.
    for (const role of ['countersign_system', 'countersign_standing']) {
      this.addSql(`grant ${role} to countersign_api, countersign_worker;`);
    }
    this.addSql(`grant countersign_tenant to countersign_api;`);
  }
}
