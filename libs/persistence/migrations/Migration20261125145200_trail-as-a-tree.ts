import { Migration } from '@mikro-orm/migrations';

const reach = `organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[])`;

export class TrailAsATree extends Migration {
  override name = 'Migration20261125145200_trail-as-a-tree';

  override up(): void | Promise<void> {
    // Trails from before keep their signature until the sealer has carried them over.
    this.addSql(
      `alter table "audit_checkpoint" add column "origin" varchar(255) null, add column "tree_size" int not null default 0, add column "edge" text not null default '', add column "note" text null;`,
    );
    this.addSql(`alter table "audit_checkpoint" alter column "signature" drop not null;`);
    this.addSql(
      `create table "audit_tree_node" ("organization_id" uuid not null, "height" int not null, "index" int not null, "hash" varchar(255) not null, primary key ("organization_id", "height", "index"));`,
    );
    this.addSql(
      `create table "audit_cosignature" ("organization_id" uuid not null, "witness" varchar(255) not null, "size" int not null, "note" text not null, "at" timestamptz(3) not null, primary key ("organization_id", "witness"));`,
    );

    for (const table of ['audit_tree_node', 'audit_cosignature']) {
      this.addSql(`alter table "${table}" enable row level security;`);
      this.addSql(
        `create policy "${table}_sealer" on "${table}" to "countersign_sealer" using (true) with check (true);`,
      );
      this.addSql(`create policy "${table}_system" on "${table}" for select to "countersign_system" using (true);`);
      this.addSql(`create policy "${table}_tenant" on "${table}" for select to "countersign_tenant" using (${reach});`);
      this.addSql(`revoke insert, update, delete, truncate on ${table} from countersign_tenant, countersign_system;`);
      this.addSql(`grant select on ${table} to countersign_tenant, countersign_system;`);
      this.addSql(`grant select, insert on ${table} to countersign_sealer;`);
      this.addSql(
        `create trigger ${table}_sealer_only before insert or update on ${table} for each statement execute function audit_sealer_only();`,
      );
      this.addSql(
        `create trigger ${table}_no_delete before delete on ${table} for each row execute function audit_chain_append_only();`,
      );
      this.addSql(
        `create trigger ${table}_no_truncate before truncate on ${table} for each statement execute function audit_chain_append_only();`,
      );
    }
    this.addSql(
      `create trigger audit_tree_node_append_only before update on audit_tree_node for each row execute function audit_chain_append_only();`,
    );
    this.addSql(`grant update on audit_cosignature to countersign_sealer;`);
    this.addSql(
      `create trigger audit_cosignature_forward before update on audit_cosignature for each row when (new.size < old.size or new.organization_id <> old.organization_id or new.witness <> old.witness) execute function audit_chain_append_only();`,
    );

    // A chain that is carried over is signed anew at the place where it stands.
    this.addSql(`drop trigger audit_checkpoint_forward on audit_checkpoint;`);
    this.addSql(
      `create trigger audit_checkpoint_forward before update on audit_checkpoint for each row when (new.position < old.position or new.tree_size < old.tree_size or (old.note is not null and new.note is null) or new.organization_id <> old.organization_id) execute function audit_chain_append_only();`,
    );
  }
}
