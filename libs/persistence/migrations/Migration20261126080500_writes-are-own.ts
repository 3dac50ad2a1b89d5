import { Migration } from '@mikro-orm/migrations';

export class WritesAreOwn extends Migration {
  override name = 'Migration20261126080500_writes-are-own';

  override up(): void | Promise<void> {
    this.addSql(`drop policy "account_tenant" on "account";`);

    this.addSql(`drop policy "audit_event_tenant" on "audit_event";`);

    this.addSql(`drop policy "mail_delivery_tenant" on "mail_delivery";`);

    this.addSql(`drop policy "organization_tenant" on "organization";`);

    this.addSql(`drop policy "membership_tenant" on "membership";`);

    this.addSql(`drop policy "invite_batch_tenant" on "invite_batch";`);

    this.addSql(`drop policy "invite_batch_row_tenant" on "invite_batch_row";`);

    this.addSql(`drop policy "invite_tenant" on "invite";`);

    this.addSql(`drop policy "group_tenant" on "group";`);

    this.addSql(`drop policy "customer_assignment_tenant" on "customer_assignment";`);

    this.addSql(`drop policy "address_tenant" on "address";`);

    this.addSql(`drop policy "relationship_tenant" on "relationship";`);

    this.addSql(`drop policy "role_appointment_tenant" on "role_appointment";`);

    this.addSql(`drop policy "webhook_tenant" on "webhook";`);

    this.addSql(`drop policy "workflow_nudge_tenant" on "workflow_nudge";`);

    this.addSql(
      `create policy "account_tenant_insert" on "account" for insert to "countersign_tenant" with check (id = (select nullif(current_setting('countersign.account', true), '')::uuid as id));`,
    );
    this.addSql(
      `create policy "account_tenant_update" on "account" for update to "countersign_tenant" using (id = (select nullif(current_setting('countersign.account', true), '')::uuid as id)) with check (id = (select nullif(current_setting('countersign.account', true), '')::uuid as id));`,
    );
    this.addSql(
      `create policy "account_tenant_delete" on "account" for delete to "countersign_tenant" using (id = (select nullif(current_setting('countersign.account', true), '')::uuid as id));`,
    );
    this.addSql(
      `create policy "account_tenant" on "account" for select to "countersign_tenant" using (account.id = (select nullif(current_setting('countersign.account', true), '')::uuid as id) or exists (select 1 from membership where membership.account_id = account.id));`,
    );

    this.addSql(
      `create policy "audit_event_tenant_insert" on "audit_event" for insert to "countersign_tenant" with check (true);`,
    );
    this.addSql(
      `create policy "audit_event_tenant" on "audit_event" for select to "countersign_tenant" using (organization_ids && (select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]);`,
    );

    this.addSql(
      `create policy "mail_delivery_tenant" on "mail_delivery" for select to "countersign_tenant" using (organization_ids && (select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]);`,
    );

    this.addSql(
      `create policy "organization_tenant_insert" on "organization" for insert to "countersign_tenant" with check (id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "organization_tenant_update" on "organization" for update to "countersign_tenant" using (id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[])) with check (id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "organization_tenant_delete" on "organization" for delete to "countersign_tenant" using (id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "organization_tenant" on "organization" for select to "countersign_tenant" using (id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );

    this.addSql(
      `create policy "membership_tenant_insert" on "membership" for insert to "countersign_tenant" with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "membership_tenant_update" on "membership" for update to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[])) with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "membership_tenant_delete" on "membership" for delete to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "membership_tenant" on "membership" for select to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]) or account_id = (select nullif(current_setting('countersign.account', true), '')::uuid as id));`,
    );

    this.addSql(
      `create policy "invite_batch_tenant_insert" on "invite_batch" for insert to "countersign_tenant" with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "invite_batch_tenant_update" on "invite_batch" for update to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[])) with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "invite_batch_tenant_delete" on "invite_batch" for delete to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "invite_batch_tenant" on "invite_batch" for select to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );

    this.addSql(
      `create policy "invite_batch_row_tenant_insert" on "invite_batch_row" for insert to "countersign_tenant" with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "invite_batch_row_tenant_update" on "invite_batch_row" for update to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[])) with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "invite_batch_row_tenant_delete" on "invite_batch_row" for delete to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "invite_batch_row_tenant" on "invite_batch_row" for select to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );

    this.addSql(
      `create policy "invite_tenant_insert" on "invite" for insert to "countersign_tenant" with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "invite_tenant_update" on "invite" for update to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[])) with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "invite_tenant_delete" on "invite" for delete to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "invite_tenant" on "invite" for select to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );

    this.addSql(
      `create policy "group_tenant_insert" on "group" for insert to "countersign_tenant" with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "group_tenant_update" on "group" for update to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[])) with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "group_tenant_delete" on "group" for delete to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "group_tenant" on "group" for select to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );

    this.addSql(
      `create policy "customer_assignment_tenant_insert" on "customer_assignment" for insert to "countersign_tenant" with check (partner_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]) or customer_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "customer_assignment_tenant_update" on "customer_assignment" for update to "countersign_tenant" using (partner_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]) or customer_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[])) with check (partner_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]) or customer_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "customer_assignment_tenant_delete" on "customer_assignment" for delete to "countersign_tenant" using (partner_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]) or customer_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "customer_assignment_tenant" on "customer_assignment" for select to "countersign_tenant" using (partner_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]) or customer_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );

    this.addSql(
      `create policy "address_tenant_insert" on "address" for insert to "countersign_tenant" with check (kind = 'alias' and (given_by_organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[])));`,
    );
    this.addSql(
      `create policy "address_tenant_update" on "address" for update to "countersign_tenant" using (kind = 'alias' and (given_by_organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]))) with check (kind = 'alias' and (given_by_organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[])));`,
    );
    this.addSql(
      `create policy "address_tenant_delete" on "address" for delete to "countersign_tenant" using (kind = 'alias' and (given_by_organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[])));`,
    );
    this.addSql(
      `create policy "address_tenant" on "address" for select to "countersign_tenant" using (address.account_id = (select nullif(current_setting('countersign.account', true), '')::uuid as id) or exists (select 1 from membership where membership.account_id = address.account_id));`,
    );

    this.addSql(
      `create policy "relationship_tenant_insert" on "relationship" for insert to "countersign_tenant" with check (partner_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]) or customer_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "relationship_tenant_update" on "relationship" for update to "countersign_tenant" using (partner_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]) or customer_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[])) with check (partner_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]) or customer_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "relationship_tenant_delete" on "relationship" for delete to "countersign_tenant" using (partner_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]) or customer_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "relationship_tenant" on "relationship" for select to "countersign_tenant" using (partner_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]) or customer_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );

    this.addSql(
      `create policy "role_appointment_tenant_insert" on "role_appointment" for insert to "countersign_tenant" with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "role_appointment_tenant_update" on "role_appointment" for update to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[])) with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "role_appointment_tenant_delete" on "role_appointment" for delete to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "role_appointment_tenant" on "role_appointment" for select to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );

    this.addSql(
      `create policy "webhook_tenant_insert" on "webhook" for insert to "countersign_tenant" with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "webhook_tenant_update" on "webhook" for update to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[])) with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "webhook_tenant_delete" on "webhook" for delete to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.managed', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "webhook_tenant" on "webhook" for select to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );

    // Whoever decides notes that a workflow must look, and holds what the decision relies on, without reading either.
    // In one order, so that two decisions that tell the same workflows never wait for each other.
    this.addSql(`create function request_nudges(wanted jsonb) returns table (id text, revision integer)
      language sql security definer set search_path = public, pg_temp as $$
        insert into workflow_nudge (workflow_id, workflow_type, row_id, requested_at)
          select one.id, one.type, one.row, clock_timestamp()
            from jsonb_to_recordset(wanted) as one (id text, type text, row uuid) order by one.id
        on conflict (workflow_id) do update
          set requested_revision = workflow_nudge.requested_revision + 1, requested_at = excluded.requested_at
        returning workflow_id, requested_revision
      $$;`);
    this.addSql(`create function hold_standing(accounts uuid[], customer uuid) returns void
      language plpgsql security definer set search_path = public, pg_temp as $$
      begin
        perform id from membership where account_id = any (accounts) and removed_at is null order by id for share;
        perform id from relationship where customer_id = customer and active_until is null order by id for share;
      end
      $$;`);
    for (const one of ['request_nudges(jsonb)', 'hold_standing(uuid[], uuid)']) {
      this.addSql(`revoke all on function ${one} from public;`);
      this.addSql(`grant execute on function ${one} to countersign_tenant, countersign_system;`);
    }
    this.addSql(`revoke all on workflow_nudge, mikro_orm_migrations from countersign_tenant;`);
    this.addSql(`revoke all on mikro_orm_migrations from countersign_system;`);
  }
}
