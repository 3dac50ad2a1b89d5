import { Migration } from '@mikro-orm/migrations';

/** A channel is a webhook whose receiver is a chat. */
export class Channels extends Migration {
  override name = 'Migration20261126154500_channels';

  override up(): void | Promise<void> {
    this.addSql(
      `alter table "webhook" add "chat" varchar(255) null, add "with_reasons" boolean not null default false;`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`delete from "webhook" where "chat" is not null;`);
    this.addSql(`alter table "webhook" drop column "chat", drop column "with_reasons";`);
  }
}
