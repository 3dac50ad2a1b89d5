import { Migration } from '@mikro-orm/migrations';

/** A relationship may have a term: it ends by the clock unless somebody of the customer renews it. */
export class RelationshipTerms extends Migration {
  override name = 'Migration20261126163000_relationship-terms';

  override up(): void | Promise<void> {
    this.addSql(
      `alter table "relationship" add column "term_ends_at" timestamptz(3) null, add column "noticed_days" int null;`,
    );
    this.addSql(
      `create index relationship_term on relationship (term_ends_at) where term_ends_at is not null and active_until is null;`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(
      `update relationship set active_until = term_ends_at where active_until is null and term_ends_at <= now();`,
    );
    this.addSql(`alter table "relationship" drop column "term_ends_at", drop column "noticed_days";`);
  }
}
