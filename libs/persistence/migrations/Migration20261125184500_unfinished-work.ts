import { Migration } from '@mikro-orm/migrations';

export class UnfinishedWork extends Migration {
  override name = 'Migration20261125184500_unfinished-work';

  override up(): void | Promise<void> {
    this.addSql(`create index invite_batch_unfinished on invite_batch (created_at) where finished_at is null;`);
    this.addSql(`create index membership_until on membership (until) where until is not null and removed_at is null;`);
    this.addSql(`create index password_reset_open on password_reset (expires_at) where used_at is null;`);
    this.addSql(`create index "workflow_nudge_requested_at_index" on "workflow_nudge" ("requested_at");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "workflow_nudge_requested_at_index";`);
    this.addSql(`drop index "password_reset_open";`);
    this.addSql(`drop index "membership_until";`);
    this.addSql(`drop index "invite_batch_unfinished";`);
  }
}
