import { Migration } from '@mikro-orm/migrations';

export class WhoMayBeBelieved extends Migration {
  override name = 'Migration20261125160200_who-may-be-believed';

  override up(): void | Promise<void> {
    this.addSql(
      `alter table "organization" add "proven_domains" text[] not null default '{}', add "foreign_sign_in" boolean not null default true;`,
    );

    this.addSql(`alter table "membership" add "sign_in_organization_id" uuid null;`);
    this.addSql(`update membership set sign_in_organization_id = relationship.partner_id
      from relationship where relationship.id = membership.relationship_id and membership.kind = 'external';`);

    this.addSql(`alter table "address" drop constraint "address_pkey";`);
    this.addSql(`alter table "address" add "id" uuid not null default gen_random_uuid();`);
    this.addSql(`alter table "address" alter column "id" drop default;`);
    // Made by a first single sign-on: nobody has ever answered a mail to it. Every other main address came by one.
    this.addSql(`update address set verified_at = null, given_by_organization_id = identity.organization_id
      from (select distinct on (account_id) account_id, organization_id from sso_identity order by account_id, id) as identity
      where address.kind = 'primary' and identity.account_id = address.account_id
        and not exists (select 1 from credential where credential.account_id = address.account_id);`);
    this.addSql(`update address set verified_at = created_at
      where kind = 'primary' and verified_at is null and given_by_organization_id is null;`);
    this.addSql(`create index "address_address_index" on "address" ("address");`);
    this.addSql(`create unique index address_proven_once on address (address) where verified_at is not null;`);
    this.addSql(
      `create unique index address_claimed_once on address (address, given_by_organization_id) where verified_at is null;`,
    );
    this.addSql(`alter table "address" add primary key ("id");`);

    this.addSql(
      `alter table "sso_identity" add "provider_digest" varchar(255) null, add "last_signed_in_at" timestamptz(3) null;`,
    );
  }
}
