import { Migration } from '@mikro-orm/migrations';

/** The provenance of every administrator role; of those that exist already, as far as invites and the trail tell. */
export class RoleAppointments extends Migration {
  override name = 'Migration20261125143426_role-appointments';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "role_appointment" ("id" uuid not null, "membership_id" uuid not null, "organization_id" uuid not null, "account_id" uuid not null, "role" varchar(255) not null, "given_by_kind" varchar(255) not null, "given_by_id" uuid null, "by_right" varchar(255) not null, "partner_id" uuid null, "founding" boolean not null default false, "backed_by_id" uuid null, "given_at" timestamptz(3) not null, "confirmed_by_id" uuid null, "confirmed_by_appointment_id" uuid null, "confirmed_at" timestamptz(3) null, "ended_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(`create index "role_appointment_membership_id_index" on "role_appointment" ("membership_id");`);
    this.addSql(
      `create index role_appointment_full_administrators on role_appointment (organization_id) where role = 'full_administrator';`,
    );
    this.addSql(
      `create unique index role_appointment_one_live on role_appointment (membership_id, role) where ended_at is null;`,
    );
    this.addSql(
      `alter table "role_appointment" add constraint "role_appointment_membership_id_foreign" foreign key ("membership_id") references "membership" ("id");`,
    );
    this.addSql(
      `alter table "role_appointment" add constraint "role_appointment_organization_id_foreign" foreign key ("organization_id") references "organization" ("id");`,
    );
    this.addSql(`alter table "role_appointment" enable row level security;`);
    this.addSql(
      `create policy "role_appointment_system" on "role_appointment" to "countersign_system" using (true) with check (true);`,
    );
    this.addSql(
      `create policy "role_appointment_tenant" on "role_appointment" to "countersign_tenant" using (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[])) with check (organization_id = any ((select string_to_array(nullif(current_setting('countersign.reach', true), ''), ',')::uuid[] as list)::uuid[]));`,
    );
    this.addSql(
      `create policy "role_appointment_standing" on "role_appointment" for select to "countersign_standing" using (true);`,
    );

    this.addSql(`grant select, insert, update, delete on role_appointment to countersign_tenant, countersign_system;`);
    this.addSql(`grant select on role_appointment to countersign_standing;`);

    // A later assignment on record speaks before the invite, and the invite before the approval of an external one.
    // Roles of memberships that are over are kept, too: others may rest on who held them.
    this.addSql(`
      with assigned as (
        select distinct on (subject->>'id', gained.role) subject->>'id' as membership_id, gained.role,
               actor->>'kind' as kind, (actor->>'id')::uuid as giver, actor->>'by' as by_right, at
          from audit_event, jsonb_array_elements_text(facts->'gained') as gained (role)
         where action = 'membership.administrator-roles-assigned' and outcome = 'success'
         order by subject->>'id', gained.role, recorded_order desc
      ), given as (
        select m.id as membership_id, m.organization_id, m.account_id, m.removed_at, held.role,
               coalesce(assigned.kind,
                        case when i.id is null and x.id is null then 'clock'
                             when i.id is not null and i.invited_by_id is null then 'support'
                             when exists (select 1 from api_key where api_key.id = i.invited_by_id) then 'service'
                             else 'account' end) as kind,
               case when assigned.kind is not null then assigned.giver
                    else coalesce(i.invited_by_id, case when i.id is null then x.decided_by_id end) end as giver,
               assigned.by_right,
               assigned.kind is null and i.id is not null and i.invited_by_id is null and m.kind = 'home' as founding,
               case when assigned.kind is null and i.id is null then x.partner_id end as external_partner_id,
               coalesce(assigned.at, i.decided_at, x.decided_at, m.created_at) as at
          from membership m
          cross join unnest(m.administrator_roles) as held (role)
          left join assigned on assigned.membership_id = m.id::text and assigned.role = held.role
          left join lateral (
            select invite.id, invite.invited_by_id, invite.decided_at from invite
             where invite.organization_id = m.organization_id and invite.accepted_by_id = m.account_id
               and invite.status = 'accepted' and held.role = any (invite.administrator_roles)
             order by invite.decided_at desc limit 1) i on m.kind = 'home'
          left join lateral (
            select request.id, request.decided_by_id, request.decided_at, request.partner_id
              from external_administrator_request request where request.membership_id = m.id
             limit 1) x on m.kind = 'external'
      )
      insert into role_appointment
        (id, membership_id, organization_id, account_id, role, given_by_kind, given_by_id, by_right, partner_id, founding,
         given_at, ended_at)
      select gen_random_uuid(), membership_id, organization_id, account_id, role, kind, giver,
             case when founding then 'founding'
                  when kind in ('support', 'service') then kind
                  when kind = 'clock' then 'unknown'
                  when at_home then 'full_administrator'
                  else coalesce(by_right, 'unknown') end,
             coalesce(external_partner_id, case when kind = 'account' and not at_home then related_partner_id end),
             founding, at, removed_at
        from given
        cross join lateral (
          select exists (select 1 from membership own where own.organization_id = given.organization_id
                            and own.account_id = given.giver and own.kind = 'home') as at_home,
                 (select relationship.partner_id from relationship
                    join membership partners on partners.organization_id = relationship.partner_id
                                            and partners.account_id = given.giver
                   where relationship.customer_id = given.organization_id
                   order by relationship.active_from limit 1) as related_partner_id) as standing;`);
    this.addSql(`
      update role_appointment appointment set backed_by_id = (
        select giver.id from role_appointment giver
         where giver.organization_id = appointment.organization_id and giver.account_id = appointment.given_by_id
           and giver.role = 'full_administrator' and giver.id <> appointment.id
         order by giver.ended_at nulls first, giver.given_at limit 1)
       where given_by_kind = 'account' and partner_id is null;`);
    // Where no record tells of a beginning, the oldest administrator whom no partner and no service made is one: else
    // nobody there could decide any more.
    this.addSql(`
      update role_appointment set founding = true where id in (
        select distinct on (candidate.organization_id) candidate.id
          from role_appointment candidate
          join membership on membership.id = candidate.membership_id and membership.kind = 'home'
         where candidate.role = 'full_administrator' and candidate.ended_at is null and candidate.partner_id is null
           and candidate.given_by_kind <> 'service'
           and not exists (select 1 from role_appointment founder
                            where founder.organization_id = candidate.organization_id
                              and founder.role = 'full_administrator' and founder.founding)
         order by candidate.organization_id, candidate.given_at, candidate.id);`);
  }
}
