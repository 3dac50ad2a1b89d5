import { Migration } from '@mikro-orm/migrations';

export class OrganizationRecoveryCodes extends Migration {
  override name = 'Migration20261126021900_organization-recovery-codes';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "organization_recovery_code" ("id" uuid not null, "organization_id" uuid not null, "code_digest" varchar(255) not null, "used_at" timestamptz(3) null, "created_at" timestamptz(3) not null default clock_timestamp(), primary key ("id"));`,
    );
    this.addSql(
      `alter table "organization_recovery_code" add constraint "organization_recovery_code_organization_id_code_digest_unique" unique ("organization_id", "code_digest");`,
    );
    this.addSql(
      `alter table "organization_recovery_code" add constraint "organization_recovery_code_organization_id_foreign" foreign key ("organization_id") references "organization" ("id");`,
    );
    this.addSql(`alter table "organization_recovery_code" enable row level security;`);
    this.addSql(
      `create policy "organization_recovery_code_system" on "organization_recovery_code" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `grant select, insert, update, delete on organization_recovery_code to countersign_tenant, countersign_system;`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table "organization_recovery_code";`);
  }
}
