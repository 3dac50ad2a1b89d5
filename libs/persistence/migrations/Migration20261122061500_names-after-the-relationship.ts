import { Migration } from '@mikro-orm/migrations';

/** After a relationship both sides still read whom the elevations and grants in their own sight name. */
export class NamesAfterTheRelationship extends Migration {
  override name = 'Migration20261122061500_names-after-the-relationship';

  override up(): void | Promise<void> {
    this.addSql(`create index "elevation_decided_by_id_index" on "elevation" ("decided_by_id");`);
    this.addSql(`create index "grant_approved_by_id_index" on "grant" ("approved_by_id");`);
    this.addSql(`create index "grant_ended_by_id_index" on "grant" ("ended_by_id");`);
    this.addSql(
      `create policy "organization_named" on "organization" for select to "countersign_tenant" using (exists (select 1 from elevation where elevation.customer_id = organization.id) or exists (select 1 from elevation where elevation.partner_id = organization.id) or exists (select 1 from "grant" where "grant".organization_id = organization.id) or exists (select 1 from "grant" where "grant".partner_id = organization.id));`,
    );
    this.addSql(
      `create policy "account_named" on "account" for select to "countersign_tenant" using (exists (select 1 from elevation where elevation.requester_id = account.id) or exists (select 1 from elevation where elevation.decided_by_id = account.id) or exists (select 1 from "grant" where "grant".account_id = account.id) or exists (select 1 from "grant" where "grant".approved_by_id = account.id) or exists (select 1 from "grant" where "grant".ended_by_id = account.id));`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop policy "account_named" on "account";`);
    this.addSql(`drop policy "organization_named" on "organization";`);
    this.addSql(`drop index "grant_ended_by_id_index";`);
    this.addSql(`drop index "grant_approved_by_id_index";`);
    this.addSql(`drop index "elevation_decided_by_id_index";`);
  }
}
