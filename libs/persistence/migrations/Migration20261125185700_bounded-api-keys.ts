import { Migration } from '@mikro-orm/migrations';

export class BoundedApiKeys extends Migration {
  override name = 'Migration20261125185700_bounded-api-keys';

  override up(): void | Promise<void> {
    this.addSql(
      `alter table "api_key" add "scopes" text[] not null default '{}', add "allowed_networks" text[] not null default '{}', add "responsible_id" uuid null, add "expires_at" timestamptz(3) null, add "last_used_at" timestamptz(3) null, add "former_token_digest" varchar(255) null, add "former_token_until" timestamptz(3) null, add "former_responsible_id" uuid null, add "refused_at" timestamptz(3) null;`,
    );
    // What works today goes on for the usual time, for all that it may have been used for; a key of nobody ends.
    this
      .addSql(`update api_key set scopes = '{access:evaluate,organization:read,organization:write,customers:read,customers:write,members:read,members:write,groups:read,groups:write,invites:read,invites:write,grants:read,webhooks:read,audit:read}',
      responsible_id = coalesce(created_by_account_id, '00000000-0000-0000-0000-000000000000'),
      expires_at = date_trunc('milliseconds', clock_timestamp()) + interval '90 days',
      revoked_at = case when created_by_account_id is null
                        then coalesce(revoked_at, date_trunc('milliseconds', clock_timestamp())) else revoked_at end;`);
    this.addSql(
      `alter table "api_key" alter column "responsible_id" set not null, alter column "expires_at" set not null;`,
    );
    this.addSql(
      `alter table "api_key" add constraint "api_key_former_token_digest_unique" unique ("former_token_digest");`,
    );
    this.addSql(`create index "api_key_responsible_id_index" on "api_key" ("responsible_id");`);
  }
}
