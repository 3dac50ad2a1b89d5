import { Migration } from '@mikro-orm/migrations';

export class AuditCheckpoint extends Migration {
  override name = 'Migration20261122041734_audit-checkpoint';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "audit_checkpoint" ("organization_id" uuid not null, "position" int not null, "hash" varchar(255) not null, "at" timestamptz(3) not null, "key_id" varchar(255) not null, "public_key" varchar(255) not null, "signature" varchar(255) not null, primary key ("organization_id"));`,
    );

    this.addSql(`alter table "audit_checkpoint" enable row level security;`);
    this.addSql(
      `create policy "audit_checkpoint_system" on "audit_checkpoint" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "audit_checkpoint_tenant" on "audit_checkpoint" to "countersign_tenant" using (organization_id = any (string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[])) with check (false);`,
    );
    this.addSql(`grant select, insert, update, delete on audit_checkpoint to countersign_tenant, countersign_system;`);

    // As the events themselves: a seal is set once, a checkpoint only goes forward.
    this.addSql(`create function audit_chain_append_only() returns trigger language plpgsql as $$
      begin
        raise exception 'the audit chain is append-only' using errcode = 'insufficient_privilege';
      end $$;`);
    this.addSql(
      `create trigger audit_seal_append_only before update or delete on audit_seal for each row execute function audit_chain_append_only();`,
    );
    this.addSql(
      `create trigger audit_seal_no_truncate before truncate on audit_seal for each statement execute function audit_chain_append_only();`,
    );
    this.addSql(
      `create trigger audit_checkpoint_forward before update on audit_checkpoint for each row when (new.position <= old.position or new.organization_id <> old.organization_id) execute function audit_chain_append_only();`,
    );
    this.addSql(
      `create trigger audit_checkpoint_no_delete before delete on audit_checkpoint for each row execute function audit_chain_append_only();`,
    );
    this.addSql(
      `create trigger audit_checkpoint_no_truncate before truncate on audit_checkpoint for each statement execute function audit_chain_append_only();`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop trigger audit_seal_append_only on audit_seal;`);
    this.addSql(`drop trigger audit_seal_no_truncate on audit_seal;`);
    this.addSql(`drop table "audit_checkpoint";`);
    this.addSql(`drop function audit_chain_append_only();`);
  }
}
