import { Migration } from '@mikro-orm/migrations';

export class ExternalAdministratorEnding extends Migration {
  override name = 'Migration20261122050500_external-administrator-ending';

  override up(): void | Promise<void> {
    this.addSql(
      `alter table "external_administrator_request" add column "ended_as" varchar(255) null, add column "ended_at" timestamptz(3) null, add column "ended_by_id" uuid null, add column "end_reason" text null;`,
    );
    this.addSql(
      `create index "external_administrator_request_membership_id_index" on "external_administrator_request" ("membership_id");`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "external_administrator_request_membership_id_index";`);
    this.addSql(
      `alter table "external_administrator_request" drop column "ended_as", drop column "ended_at", drop column "ended_by_id", drop column "end_reason";`,
    );
  }
}
