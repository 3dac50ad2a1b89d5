/**
 * The one statement that standing comes from. It runs as the standing role on connections of its own, before anybody
 * knows who calls, and inside transactions as whoever they run for. What somebody holds gets its column here, its type in
 * `rows.ts` and its place in the value in `read-rows.ts`; every reader of standing has it then.
 */

/** Known to each connection by this name once it has been prepared there. */
export const statementName = 'standing';

export interface StandingParameters {
  sessionDigest: string | null;
  apiKeyDigest: string | null;
  /** Accounts and API keys. */
  subjectIds: readonly string[];
  organizationIds: readonly string[];
  /** Also what only a page of one's own needs: everything in the caller's reach, aliases, whole lists of customers. */
  whole: boolean;
  /** Everybody who may have access to this organization: its own people and services, and those of its partners. */
  around: string | null;
  aroundAfter: string | null;
  /** The customers of these partners, as organizations. */
  customersOf: readonly string[];
  customersFrom: string | null;
  /** The most there are of those two, in order of their ids. */
  pageSize: number;
  /** Also the home full administrators of this organization, with the names and addresses of all who are here. */
  administratorsOf: string | null;
  /** Also what the offices of full administrators rest on: for those who decide. Evaluation does without it. */
  appointments: boolean;
}

export const parametersOf = (of: Partial<StandingParameters>): unknown[] => [
  of.sessionDigest ?? null,
  of.apiKeyDigest ?? null,
  of.subjectIds ?? [],
  of.organizationIds ?? [],
  of.whole ?? false,
  of.around ?? null,
  of.aroundAfter ?? firstId,
  of.customersOf ?? [],
  of.customersFrom ?? firstId,
  of.pageSize ?? 0,
  of.administratorsOf ?? null,
  of.appointments ?? false,
];

const firstId = '00000000-0000-0000-0000-000000000000';

/** Relationships that are over concern nobody's present standing, be they ended or past their term. */
const notOver = `(active_until is null or active_until > (select now from moment))
  and (term_ends_at is null or term_ends_at > (select now from moment))`;

const keyIsLive = `revoked_at is null and expires_at > (select now from moment)`;

export const statement = `
with moment as materialized (
  select date_trunc('milliseconds', clock_timestamp()) as now
),
session_row as materialized (
  select session.id, session.account_id, account.display_name, account.email, session.method, session.organization_id,
         session.last_seen_at, session.expires_at, session.amr, session.acr, session.authenticated_at,
         session.second_factor_at, array(
           select organization_id from membership
            where account_id = session.account_id and removed_at is null and sessions_ended_at >= session.created_at
         ) as signed_out_of
    from session join account on account.id = session.account_id and account.removed_at is null
   where session.token_digest = $1 and session.revoked_at is null
),
caller_key as materialized (
  select id from api_key where token_digest = $2 and ${keyIsLive}
  union all
  select id from api_key
   where former_token_digest = $2 and former_token_until > (select now from moment) and ${keyIsLive}
),
candidate as materialized (
  select account_id as id from membership
   where $6::uuid is not null and removed_at is null and account_id > $7
     and (organization_id = $6
       or organization_id = any (array(select partner_id from relationship where customer_id = $6 and ${notOver})))
   group by account_id order by account_id limit $10
),
administrator as materialized (
  select account_id as id from membership
   where $11::uuid is not null and organization_id = $11 and kind = 'home' and removed_at is null
     and 'full_administrator' = any (administrator_roles)
),
candidate_key as materialized (
  select id from api_key
   where $6::uuid is not null and organization_id = $6 and ${keyIsLive} and id > $7 order by id limit $10
),
key_row as materialized (
  select id, organization_id, name, workspace_role, administrator_roles, scopes, allowed_networks, responsible_id,
         expires_at, last_used_at
    from api_key
   where ${keyIsLive}
     and id = any ($3::uuid[] || array(select id from caller_key) || array(select id from candidate_key))
),
held as materialized (
  select id, account_id, organization_id, kind, workspace_role, scope, administrator_roles, decrypt_logs, app_tray, until,
         sign_in_organization_id
    from membership
   where removed_at is null
     and account_id = any ($3::uuid[] || array(select account_id from session_row) || array(select id from candidate)
                          || array(select id from administrator) || array(select responsible_id from key_row))
),
customer_page as materialized (
  select customer_id as id from relationship
   where cardinality($8::uuid[]) > 0 and partner_id = any ($8) and customer_id >= $9 and ${notOver}
   group by customer_id order by customer_id limit $10
),
named as materialized (
  select array(select unnest($4::uuid[]) union select organization_id from held union select organization_id from key_row
         union select id from customer_page union select $6::uuid where $6 is not null) as ids
)
select to_json(moment.now) as now,
  (select to_json(session_row) from session_row) as session,
  (select id from caller_key) as "callerKeyId",
  (select json_agg(held order by id) from held) as memberships,
  (select json_agg(key_row) from key_row) as keys,
  (select json_agg(row) from (
     select id, kind, name, slug, login_methods, foreign_sign_in, restricted_mode, disabled_features, policy,
            approval_assurance
       from organization where id = any ((select ids from named)::uuid[])) as row) as organizations,
  (select json_agg(row) from (
     select id, partner_id, customer_id, origin, active_from, least(active_until, term_ends_at) as active_until
       from relationship where customer_id = any ((select ids from named)::uuid[]) and ${notOver}) as row) as relationships,
  (select json_agg(row) from (
     select membership_id, partner_id, customer_id, source from customer_assignment
      where membership_id = any (array(select id from held))
        and ($5 or customer_id = any ((select ids from named)::uuid[]))) as row) as assignments,
  (select json_agg(row) from (
     select id, kind, account_id, organization_id, partner_id, starts_at, expires_at, ended_at, used_at, areas from "grant"
      where status = 'active'
        and account_id = any ($3::uuid[] || array(select account_id from session_row) || array(select id from candidate)
                          || array(select id from administrator))
     ) as row) as grants,
  case when $10 <= (select count(*) from candidate) then
    (select id from candidate order by id desc limit 1) end as "lastCandidateId",
  case when $10 <= (select count(*) from candidate_key) then
    (select id from candidate_key order by id desc limit 1) end as "lastCandidateKeyId",
  case when $10 <= (select count(*) from customer_page) then
    (select id from customer_page order by id desc limit 1) end as "lastCustomerId",
  case when $5 then (select json_agg(row) from (
     select partner_id, customer_id from relationship
      where ${notOver} and (partner_id = any (callers.ids) or customer_id = any (callers.ids))) as row) end as reach,
  case when $11 is not null then (select json_agg(row) from (
     select id, display_name, email, removed_at is not null as removed from account
      where id = any ($3 || array(select account_id from held))) as row) end as people,
  case when $12 then (select json_agg(row order by id) from (
     select id, membership_id, organization_id, account_id, founding, ended_at is not null as ended,
            array_remove(array[backed_by_id, confirmed_by_appointment_id], null) as backed_by,
            array(select other.organization_id from membership other
                    join organization on organization.id = other.organization_id and organization.kind = 'partner'
                   where other.account_id = role_appointment.account_id and other.removed_at is null
                     and (other.until is null or other.until > moment.now)) as partner_ids
       from role_appointment
      where role = 'full_administrator' and organization_id = any (array(
              select organization_id from held
               where kind = 'home' and 'full_administrator' = any (administrator_roles)))) as row) end as appointments,
  case when $5 then array(
     select address from address, session_row
      where address.account_id = session_row.account_id and kind = 'alias'
        -- What other organizations call the person is no business of a session that one organization's provider made.
        and (session_row.method <> 'sso' or given_by_organization_id = session_row.organization_id)
      order by address
  ) end as aliases
from moment, lateral (
  select array(select organization_id from held where account_id = (select account_id from session_row)
         union select organization_id from key_row where id = (select id from caller_key)) as ids
) as callers
`;
