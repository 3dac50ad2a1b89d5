import { Migration } from '@mikro-orm/migrations';

/** A second rotation within a day keeps what was promised for the first: former secrets are a list, each with its own end. */
export class FormerWebhookSecrets extends Migration {
  override name = 'Migration20261126114400_former-webhook-secrets';

  override up(): void | Promise<void> {
    this.addSql(`alter table "webhook" add "former_secrets" jsonb not null default '[]';`);
    // As the program writes an instant.
    this.addSql(
      `update "webhook" set "former_secrets" = jsonb_build_array(jsonb_build_object(
         'sealed', "sealed_previous_secret",
         'until', to_char("previous_secret_until" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
       where "sealed_previous_secret" is not null and "previous_secret_until" is not null;`,
    );
    this.addSql(`alter table "webhook" drop column "sealed_previous_secret", drop column "previous_secret_until";`);
  }

  override down(): void | Promise<void> {
    this.addSql(
      `alter table "webhook" add "sealed_previous_secret" text null, add "previous_secret_until" timestamptz(3) null;`,
    );
    this.addSql(
      `update "webhook" set "sealed_previous_secret" = "former_secrets" #>> '{0,sealed}',
         "previous_secret_until" = ("former_secrets" #>> '{0,until}')::timestamptz
       where jsonb_array_length("former_secrets") > 0;`,
    );
    this.addSql(`alter table "webhook" drop column "former_secrets";`);
  }
}
