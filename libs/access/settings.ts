/** Every setting a person may have access to, with the words pages and mails use for it. Ids are part of the HTTP contract. */

/** Areas of an organization; the same ids on a customer and at home, the organization asked for tells which table answers. */
export const areas = [
  'assign_administrator_roles',
  'users_and_licences',
  'devices',
  'company_policy_and_templates',
  'analytics_and_reports',
  'troubleshooting',
  'licences_and_upgrades',
  'organization_settings',
  'app_integrations',
  'site_management',
  'administrator_audit_log',
  'user_generated_content',
  'legal_hold',
  'join_meetings',
  'retrieve_logs',
] as const;
export type Area = (typeof areas)[number];

/** Areas of a partner organization that concern its customer management. */
export const partnerSettings = [
  'partner.assign_administrator_roles',
  'partner.analytics',
  'partner.branding',
  'partner.company_policy_and_templates',
  'partner.create_customers',
  'partner.trials',
  'partner.help_desk_view',
] as const;
export type PartnerSetting = (typeof partnerSettings)[number];

/** Single settings that restricted administrator mode knows, under the area whose level they inherit. */
export const restrictedSettingsOfArea = {
  users_and_licences: [
    'users.manual_add_modify',
    'users.claim',
    'users.auto_assign_licences',
    'users.reset_package',
    'users.edit_services',
    'users.details',
    'users.primary_work_number',
    'users.directory_synchronization',
    'users.services_status',
    'users.add_wholesale',
    'users.change_packages',
  ],
  organization_settings: [
    'account.company_name',
    'organization.domain',
    'organization.suppress_admin_invite_email',
    'organization.email_locale',
    'organization.authentication',
    'calling.call_priority',
    'calling.behaviour',
    'calling.pstn_local_gateway',
    'calling.pstn_vendor',
    'services.migrations',
    'services.connected_uc',
  ],
} as const satisfies Partial<Record<Area, readonly string[]>>;

export const restrictedSettings = [
  ...restrictedSettingsOfArea.users_and_licences,
  ...restrictedSettingsOfArea.organization_settings,
] as const;
export type RestrictedSetting = (typeof restrictedSettings)[number];

/** What workspace roles (teammates) allow; the action is always `use`. */
export const workspacePermissions = [
  'workspace.read',
  'workspace.change',
  'workspace.invite_users',
  'workspace.change_roles',
  'workspace.give_owner',
  'workspace.delete_services',
  'workspace.assign_bot_builder',
  'workspace.export_logs',
  'workspace.audit_trail',
  'workspace.add_groups',
  'workspace.sso',
  'workspace.tenant_settings',
  'workspace.profile_key',
  'workspace.decrypt_access',
  'workspace.decrypt_logs',
] as const;
export type WorkspacePermission = (typeof workspacePermissions)[number];

export type Setting = Area | PartnerSetting | RestrictedSetting | WorkspacePermission;
export const settings: readonly Setting[] = [
  ...areas,
  ...restrictedSettings,
  ...partnerSettings,
  ...workspacePermissions,
];

export const settingLabels: Readonly<Record<Setting, string>> = {
  assign_administrator_roles: 'Administrator roles',
  users_and_licences: 'Users and licences',
  devices: 'Devices',
  company_policy_and_templates: 'Company policy and templates',
  analytics_and_reports: 'Analytics and reports',
  troubleshooting: 'Troubleshooting',
  licences_and_upgrades: 'Licences and upgrades',
  organization_settings: 'Organization settings',
  app_integrations: 'App integrations',
  site_management: 'Site management',
  administrator_audit_log: 'Administrator audit log',
  user_generated_content: 'User-generated content',
  legal_hold: 'Legal hold',
  join_meetings: 'Meetings in progress',
  retrieve_logs: 'Log retrieval',
  'users.manual_add_modify': 'Users: add or modify by hand or by CSV',
  'users.claim': 'Users: claim',
  'users.auto_assign_licences': 'Users: automatic assignment of licences',
  'users.reset_package': 'Users: reset of the package',
  'users.edit_services': 'Users: services',
  'users.details': 'Users: name and e-mail address',
  'users.primary_work_number': 'Users: primary work number',
  'users.directory_synchronization': 'Users: directory synchronization',
  'users.services_status': 'Users: full status of hybrid services and of the upgrade channel',
  'users.add_wholesale': 'Users: wholesale users',
  'users.change_packages': 'Users: change of packages',
  'account.company_name': 'Account: company name',
  'organization.domain': 'Organization: domain',
  'organization.suppress_admin_invite_email': 'Organization: suppression of the administrator invite e-mail',
  'organization.email_locale': 'Organization: e-mail locale',
  'organization.authentication': 'Organization: authentication and single sign-on',
  'calling.call_priority': 'Calling: call priority of the app options',
  'calling.behaviour': 'Calling: calling behaviour',
  'calling.pstn_local_gateway': 'Calling: PSTN local gateway',
  'calling.pstn_vendor': 'Calling: vendor PSTN',
  'services.migrations': 'Services: migrations',
  'services.connected_uc': 'Services: connected UC',
  'partner.assign_administrator_roles': 'Partner: administrator roles',
  'partner.analytics': 'Partner: analytics and reports',
  'partner.branding': 'Partner: branding',
  'partner.company_policy_and_templates': 'Partner: company policy and templates',
  'partner.create_customers': 'Partner: creation of customers',
  'partner.trials': 'Partner: trials',
  'partner.help_desk_view': 'Partner: help-desk view and search across organizations',
  'workspace.read': 'Read every page',
  'workspace.change': 'Change things in general',
  'workspace.invite_users': 'Invite, add and remove users',
  'workspace.change_roles': 'Change existing roles',
  'workspace.give_owner': 'Give the Owner role',
  'workspace.delete_services': 'Delete services, numbers and apps',
  'workspace.assign_bot_builder': 'Assign Bot Builder roles',
  'workspace.export_logs': 'Schedule log exports',
  'workspace.audit_trail': 'User audit trail',
  'workspace.add_groups': 'Add groups and teams',
  'workspace.sso': 'Single sign-on settings',
  'workspace.tenant_settings': 'Tenant settings',
  'workspace.profile_key': 'Regenerate the profile key',
  'workspace.decrypt_access': 'Decrypt access',
  'workspace.decrypt_logs': 'Decrypt all encrypted logs',
};

const has = <T extends string>(list: readonly T[], value: string): value is T =>
  (list as readonly string[]).includes(value);

export const isArea = (value: string): value is Area => has(areas, value);
export const isPartnerSetting = (value: string): value is PartnerSetting => has(partnerSettings, value);
export const isRestrictedSetting = (value: string): value is RestrictedSetting => has(restrictedSettings, value);
export const isWorkspacePermission = (value: string): value is WorkspacePermission => has(workspacePermissions, value);
export const isSetting = (value: string): value is Setting => has(settings, value);

/** The area a setting belongs to; an area belongs to itself. */
export function areaOf(setting: Area | RestrictedSetting): Area {
  if (isArea(setting)) return setting;
  return has(restrictedSettingsOfArea.users_and_licences, setting) ? 'users_and_licences' : 'organization_settings';
}
