import { Migration } from '@mikro-orm/migrations';

const written = ['audit_seal', 'audit_checkpoint', 'audit_signing_key'];

export class SealerAndItsKeys extends Migration {
  override name = 'Migration20261125142600_sealer-and-its-keys';

  override up(): void | Promise<void> {
    this.addSql(
      `do $$ begin create role countersign_sealer nologin; exception when duplicate_object or unique_violation then null; end $$;`,
    );
    this.addSql(`grant countersign_sealer to current_user;`);
    this.addSql(`grant usage on schema public to countersign_sealer;`);

    this.addSql(
      `create table "audit_signing_key" ("place" int not null, "key_id" varchar(255) not null, "public_key" varchar(255) not null, "since" timestamptz(3) not null, "endorsement" varchar(255) null, "acceptance" varchar(255) null, primary key ("place"));`,
    );
    this.addSql(
      `alter table "audit_signing_key" add constraint "audit_signing_key_public_key_unique" unique ("public_key");`,
    );
    this.addSql(`alter table "audit_signing_key" enable row level security;`);

    this.addSql(`drop policy "audit_checkpoint_system" on "audit_checkpoint";`);
    this.addSql(`drop policy "audit_checkpoint_tenant" on "audit_checkpoint";`);
    this.addSql(`drop policy "audit_seal_system" on "audit_seal";`);
    this.addSql(`drop policy "audit_seal_tenant" on "audit_seal";`);
    for (const table of written) {
      const visible =
        table === 'audit_signing_key'
          ? 'true'
          : `organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[])`;
      this.addSql(
        `create policy "${table}_sealer" on "${table}" to "countersign_sealer" using (true) with check (true);`,
      );
      this.addSql(`create policy "${table}_system" on "${table}" for select to "countersign_system" using (true);`);
      this.addSql(
        `create policy "${table}_tenant" on "${table}" for select to "countersign_tenant" using (${visible});`,
      );
    }
    this.addSql(
      `create policy "audit_event_sealer" on "audit_event" to "countersign_sealer" using (true) with check (true);`,
    );

    // Grants keep the roles of API and worker out; the triggers stop whoever owns the tables, too, until they are taken off.
    this.addSql(
      `revoke insert, update, delete, truncate on ${written.join(', ')} from countersign_tenant, countersign_system;`,
    );
    this.addSql(`grant select, insert on ${written.join(', ')} to countersign_sealer;`);
    this.addSql(`grant update on audit_checkpoint to countersign_sealer;`);
    this.addSql(`grant select, update (sealed_at) on audit_event to countersign_sealer;`);
    this.addSql(`revoke update, delete, truncate on audit_event from countersign_tenant, countersign_system;`);
    // Erasure, and nothing else.
    this.addSql(`grant update (personal, salt) on audit_event to countersign_system;`);

    this.addSql(`create function audit_sealer_only() returns trigger language plpgsql as $$
      begin
        if current_user <> 'countersign_sealer' then
          raise exception 'only the sealer writes the sealed trail' using errcode = 'insufficient_privilege';
        end if;
        return null;
      end $$;`);
    for (const table of written) {
      this.addSql(
        `create trigger ${table}_sealer_only before insert or update on ${table} for each statement execute function audit_sealer_only();`,
      );
    }
    this.addSql(
      `create trigger audit_signing_key_append_only before update or delete on audit_signing_key for each row execute function audit_chain_append_only();`,
    );
    this.addSql(
      `create trigger audit_signing_key_no_truncate before truncate on audit_signing_key for each statement execute function audit_chain_append_only();`,
    );
  }
}
