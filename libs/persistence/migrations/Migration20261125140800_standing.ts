import { Migration } from '@mikro-orm/migrations';

/** The tables standing is made of (docs/adr/0010). */
const tables = `account, address, session, membership, customer_assignment, api_key, organization, relationship, "grant"`;

export class Standing extends Migration {
  override name = 'Migration20261125140800_standing';

  override up(): void | Promise<void> {
    // Roles belong to the cluster, so it may be there already from another database of it.
    this.addSql(
      `do $$ begin create role countersign_standing nologin; exception when duplicate_object or unique_violation then null; end $$;`,
    );
    this.addSql(`grant countersign_standing to current_user;`);
    this.addSql(`grant usage on schema public to countersign_standing;`);
    this.addSql(`grant select on ${tables} to countersign_standing;`);

    // The lists of a policy are read once a statement, as queries of their own, instead of once a row.
    this.addSql(`drop policy "account_tenant" on "account";`);
    this.addSql(`drop policy "audit_checkpoint_tenant" on "audit_checkpoint";`);
    this.addSql(`drop policy "audit_event_tenant" on "audit_event";`);
    this.addSql(`drop policy "audit_seal_tenant" on "audit_seal";`);
    this.addSql(`drop policy "idempotency_record_tenant" on "idempotency_record";`);
    this.addSql(`drop policy "mail_delivery_tenant" on "mail_delivery";`);
    this.addSql(`drop policy "organization_tenant" on "organization";`);
    this.addSql(`drop policy "membership_tenant" on "membership";`);
    this.addSql(`drop policy "invite_batch_tenant" on "invite_batch";`);
    this.addSql(`drop policy "invite_batch_row_tenant" on "invite_batch_row";`);
    this.addSql(`drop policy "invite_tenant" on "invite";`);
    this.addSql(`drop policy "help_desk_session_tenant" on "help_desk_session";`);
    this.addSql(`drop policy "group_tenant" on "group";`);
    this.addSql(`drop policy "grant_tenant" on "grant";`);
    this.addSql(`drop policy "external_administrator_request_tenant" on "external_administrator_request";`);
    this.addSql(`drop policy "elevation_tenant" on "elevation";`);
    this.addSql(`drop policy "customer_assignment_tenant" on "customer_assignment";`);
    this.addSql(`drop policy "api_key_tenant" on "api_key";`);
    this.addSql(`drop policy "address_tenant" on "address";`);
    this.addSql(`drop policy "relationship_tenant" on "relationship";`);
    this.addSql(`drop policy "webhook_tenant" on "webhook";`);
    this.addSql(`create policy "account_standing" on "account" for select to "countersign_standing" using (true);`);
    this.addSql(
      `create policy "account_tenant" on "account" to "countersign_tenant" using (account.id = (select nullif(current_setting('countersign.account', true), '')::uuid as id) or exists (select 1 from membership where membership.account_id = account.id)) with check (id = (select nullif(current_setting('countersign.account', true), '')::uuid as id));`,
    );
    this.addSql(
      `create policy "audit_checkpoint_tenant" on "audit_checkpoint" to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[])) with check (false);`,
    );
    this.addSql(
      `create policy "audit_event_tenant" on "audit_event" to "countersign_tenant" using (organization_ids && (select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]) with check (true);`,
    );
    this.addSql(
      `create policy "audit_seal_tenant" on "audit_seal" to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[])) with check (false);`,
    );
    this.addSql(
      `create policy "idempotency_record_tenant" on "idempotency_record" to "countersign_tenant" using (principal = (select nullif(current_setting('countersign.principal', true), '') as name)) with check (principal = (select nullif(current_setting('countersign.principal', true), '') as name));`,
    );
    this.addSql(
      `create policy "mail_delivery_tenant" on "mail_delivery" to "countersign_tenant" using (organization_ids && (select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]) with check (false);`,
    );
    this.addSql(
      `create policy "organization_standing" on "organization" for select to "countersign_standing" using (true);`,
    );
    this.addSql(
      `create policy "organization_tenant" on "organization" to "countersign_tenant" using (id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[])) with check (id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "membership_standing" on "membership" for select to "countersign_standing" using (true);`,
    );
    this.addSql(
      `create policy "membership_tenant" on "membership" to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]) or account_id = (select nullif(current_setting('countersign.account', true), '')::uuid as id)) with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "invite_batch_tenant" on "invite_batch" to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[])) with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "invite_batch_row_tenant" on "invite_batch_row" to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[])) with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "invite_tenant" on "invite" to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[])) with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "help_desk_session_tenant" on "help_desk_session" to "countersign_tenant" using (customer_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]) or partner_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[])) with check (customer_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]) or partner_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "group_tenant" on "group" to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[])) with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(`create policy "grant_standing" on "grant" for select to "countersign_standing" using (true);`);
    this.addSql(
      `create policy "grant_tenant" on "grant" to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]) or partner_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[])) with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]) or partner_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "external_administrator_request_tenant" on "external_administrator_request" to "countersign_tenant" using (customer_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]) or partner_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[])) with check (customer_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]) or partner_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "elevation_tenant" on "elevation" to "countersign_tenant" using (customer_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]) or partner_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[])) with check (customer_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]) or partner_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "customer_assignment_standing" on "customer_assignment" for select to "countersign_standing" using (true);`,
    );
    this.addSql(
      `create policy "customer_assignment_tenant" on "customer_assignment" to "countersign_tenant" using (partner_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]) or customer_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[])) with check (partner_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]) or customer_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(`create policy "api_key_standing" on "api_key" for select to "countersign_standing" using (true);`);
    this.addSql(
      `create policy "api_key_tenant" on "api_key" to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[])) with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.organizations', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(`create policy "address_standing" on "address" for select to "countersign_standing" using (true);`);
    this.addSql(
      `create policy "address_tenant" on "address" to "countersign_tenant" using (address.account_id = (select nullif(current_setting('countersign.account', true), '')::uuid as id) or exists (select 1 from membership where membership.account_id = address.account_id)) with check (kind = 'alias' and (given_by_organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[])));`,
    );
    this.addSql(
      `create policy "relationship_standing" on "relationship" for select to "countersign_standing" using (true);`,
    );
    this.addSql(
      `create policy "relationship_tenant" on "relationship" to "countersign_tenant" using (partner_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]) or customer_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[])) with check (partner_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]) or customer_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(`create policy "session_standing" on "session" for select to "countersign_standing" using (true);`);
    this.addSql(
      `create policy "webhook_tenant" on "webhook" to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[])) with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop policy "account_tenant" on "account";`);
    this.addSql(`drop policy "account_standing" on "account";`);
    this.addSql(`drop policy "address_tenant" on "address";`);
    this.addSql(`drop policy "address_standing" on "address";`);
    this.addSql(`drop policy "api_key_tenant" on "api_key";`);
    this.addSql(`drop policy "api_key_standing" on "api_key";`);
    this.addSql(`drop policy "audit_checkpoint_tenant" on "audit_checkpoint";`);
    this.addSql(`drop policy "audit_event_tenant" on "audit_event";`);
    this.addSql(`drop policy "audit_seal_tenant" on "audit_seal";`);
    this.addSql(`drop policy "customer_assignment_tenant" on "customer_assignment";`);
    this.addSql(`drop policy "customer_assignment_standing" on "customer_assignment";`);
    this.addSql(`drop policy "elevation_tenant" on "elevation";`);
    this.addSql(`drop policy "external_administrator_request_tenant" on "external_administrator_request";`);
    this.addSql(`drop policy "grant_tenant" on "grant";`);
    this.addSql(`drop policy "grant_standing" on "grant";`);
    this.addSql(`drop policy "group_tenant" on "group";`);
    this.addSql(`drop policy "help_desk_session_tenant" on "help_desk_session";`);
    this.addSql(`drop policy "idempotency_record_tenant" on "idempotency_record";`);
    this.addSql(`drop policy "invite_tenant" on "invite";`);
    this.addSql(`drop policy "invite_batch_tenant" on "invite_batch";`);
    this.addSql(`drop policy "invite_batch_row_tenant" on "invite_batch_row";`);
    this.addSql(`drop policy "mail_delivery_tenant" on "mail_delivery";`);
    this.addSql(`drop policy "membership_tenant" on "membership";`);
    this.addSql(`drop policy "membership_standing" on "membership";`);
    this.addSql(`drop policy "organization_tenant" on "organization";`);
    this.addSql(`drop policy "organization_standing" on "organization";`);
    this.addSql(`drop policy "relationship_tenant" on "relationship";`);
    this.addSql(`drop policy "relationship_standing" on "relationship";`);
    this.addSql(`drop policy "session_standing" on "session";`);
    this.addSql(`drop policy "webhook_tenant" on "webhook";`);
    this.addSql(
      `create policy "account_tenant" on "account" to "countersign_tenant" using (((id = (NULLIF(current_setting('countersign.account'::text, true), ''::text))::uuid) OR (EXISTS ( SELECT 1
   FROM membership
  WHERE (membership.account_id = account.id))))) with check ((id = (NULLIF(current_setting('countersign.account'::text, true), ''::text))::uuid));`,
    );
    this.addSql(
      `create policy "address_tenant" on "address" to "countersign_tenant" using (((account_id = (NULLIF(current_setting('countersign.account'::text, true), ''::text))::uuid) OR (EXISTS ( SELECT 1
   FROM membership
  WHERE (membership.account_id = address.account_id))))) with check ((((kind)::text = 'alias'::text) AND (given_by_organization_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[]))));`,
    );
    this.addSql(
      `create policy "api_key_tenant" on "api_key" to "countersign_tenant" using ((organization_id = ANY ((string_to_array(NULLIF(current_setting('countersign.organizations'::text, true), ''::text), ','::text))::uuid[]))) with check ((organization_id = ANY ((string_to_array(NULLIF(current_setting('countersign.organizations'::text, true), ''::text), ','::text))::uuid[])));`,
    );
    this.addSql(
      `create policy "audit_checkpoint_tenant" on "audit_checkpoint" to "countersign_tenant" using ((organization_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[]))) with check (false);`,
    );
    this.addSql(
      `create policy "audit_event_tenant" on "audit_event" to "countersign_tenant" using ((organization_ids && (string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[])) with check (true);`,
    );
    this.addSql(
      `create policy "audit_seal_tenant" on "audit_seal" to "countersign_tenant" using ((organization_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[]))) with check (false);`,
    );
    this.addSql(
      `create policy "customer_assignment_tenant" on "customer_assignment" to "countersign_tenant" using (((partner_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[])) OR (customer_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[])))) with check (((partner_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[])) OR (customer_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[]))));`,
    );
    this.addSql(
      `create policy "elevation_tenant" on "elevation" to "countersign_tenant" using (((customer_id = ANY ((string_to_array(NULLIF(current_setting('countersign.organizations'::text, true), ''::text), ','::text))::uuid[])) OR (partner_id = ANY ((string_to_array(NULLIF(current_setting('countersign.organizations'::text, true), ''::text), ','::text))::uuid[])))) with check (((customer_id = ANY ((string_to_array(NULLIF(current_setting('countersign.organizations'::text, true), ''::text), ','::text))::uuid[])) OR (partner_id = ANY ((string_to_array(NULLIF(current_setting('countersign.organizations'::text, true), ''::text), ','::text))::uuid[]))));`,
    );
    this.addSql(
      `create policy "external_administrator_request_tenant" on "external_administrator_request" to "countersign_tenant" using (((customer_id = ANY ((string_to_array(NULLIF(current_setting('countersign.organizations'::text, true), ''::text), ','::text))::uuid[])) OR (partner_id = ANY ((string_to_array(NULLIF(current_setting('countersign.organizations'::text, true), ''::text), ','::text))::uuid[])))) with check (((customer_id = ANY ((string_to_array(NULLIF(current_setting('countersign.organizations'::text, true), ''::text), ','::text))::uuid[])) OR (partner_id = ANY ((string_to_array(NULLIF(current_setting('countersign.organizations'::text, true), ''::text), ','::text))::uuid[]))));`,
    );
    this.addSql(
      `create policy "grant_tenant" on "grant" to "countersign_tenant" using (((organization_id = ANY ((string_to_array(NULLIF(current_setting('countersign.organizations'::text, true), ''::text), ','::text))::uuid[])) OR (partner_id = ANY ((string_to_array(NULLIF(current_setting('countersign.organizations'::text, true), ''::text), ','::text))::uuid[])))) with check (((organization_id = ANY ((string_to_array(NULLIF(current_setting('countersign.organizations'::text, true), ''::text), ','::text))::uuid[])) OR (partner_id = ANY ((string_to_array(NULLIF(current_setting('countersign.organizations'::text, true), ''::text), ','::text))::uuid[]))));`,
    );
    this.addSql(
      `create policy "group_tenant" on "group" to "countersign_tenant" using ((organization_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[]))) with check ((organization_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[])));`,
    );
    this.addSql(
      `create policy "help_desk_session_tenant" on "help_desk_session" to "countersign_tenant" using (((customer_id = ANY ((string_to_array(NULLIF(current_setting('countersign.organizations'::text, true), ''::text), ','::text))::uuid[])) OR (partner_id = ANY ((string_to_array(NULLIF(current_setting('countersign.organizations'::text, true), ''::text), ','::text))::uuid[])))) with check (((customer_id = ANY ((string_to_array(NULLIF(current_setting('countersign.organizations'::text, true), ''::text), ','::text))::uuid[])) OR (partner_id = ANY ((string_to_array(NULLIF(current_setting('countersign.organizations'::text, true), ''::text), ','::text))::uuid[]))));`,
    );
    this.addSql(
      `create policy "idempotency_record_tenant" on "idempotency_record" to "countersign_tenant" using (((principal)::text = NULLIF(current_setting('countersign.principal'::text, true), ''::text))) with check (((principal)::text = NULLIF(current_setting('countersign.principal'::text, true), ''::text)));`,
    );
    this.addSql(
      `create policy "invite_tenant" on "invite" to "countersign_tenant" using ((organization_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[]))) with check ((organization_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[])));`,
    );
    this.addSql(
      `create policy "invite_batch_tenant" on "invite_batch" to "countersign_tenant" using ((organization_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[]))) with check ((organization_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[])));`,
    );
    this.addSql(
      `create policy "invite_batch_row_tenant" on "invite_batch_row" to "countersign_tenant" using ((organization_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[]))) with check ((organization_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[])));`,
    );
    this.addSql(
      `create policy "mail_delivery_tenant" on "mail_delivery" to "countersign_tenant" using ((organization_ids && (string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[])) with check (false);`,
    );
    this.addSql(
      `create policy "membership_tenant" on "membership" to "countersign_tenant" using (((organization_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[])) OR (account_id = (NULLIF(current_setting('countersign.account'::text, true), ''::text))::uuid))) with check ((organization_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[])));`,
    );
    this.addSql(
      `create policy "organization_tenant" on "organization" to "countersign_tenant" using ((id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[]))) with check ((id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[])));`,
    );
    this.addSql(
      `create policy "relationship_tenant" on "relationship" to "countersign_tenant" using (((partner_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[])) OR (customer_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[])))) with check (((partner_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[])) OR (customer_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[]))));`,
    );
    this.addSql(
      `create policy "webhook_tenant" on "webhook" to "countersign_tenant" using ((organization_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[]))) with check ((organization_id = ANY ((string_to_array(NULLIF(current_setting('countersign.reach'::text, true), ''::text), ','::text))::uuid[])));`,
    );
    this.addSql(`revoke select on ${tables} from countersign_standing;`);
    this.addSql(`revoke usage on schema public from countersign_standing;`);
  }
}
