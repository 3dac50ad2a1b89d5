import { Migration } from '@mikro-orm/migrations';

export class MailsNotSent extends Migration {
  override name = 'Migration20261122083000_mails-not-sent';

  override up(): void | Promise<void> {
    // Operators are told how many there are; counting them must not read every mail that was ever sent.
    this.addSql(
      `create index mail_delivery_not_sent on mail_delivery (status) where status in ('planned', 'undeliverable');`,
    );
  }
}
