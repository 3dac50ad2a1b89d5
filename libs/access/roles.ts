/** Every role there is, with the words pages and mails use for it. Ids are part of the HTTP contract. */

export const workspaceRoles = ['owner', 'full_access', 'limited_access', 'read_only', 'restricted'] as const;
export type WorkspaceRole = (typeof workspaceRoles)[number];

/** Roles within one's own organization (domain 4a). */
export const organizationRoles = [
  'full_administrator',
  'read_only_administrator',
  'support_administrator',
  'user_and_device_administrator',
  'device_administrator',
  'compliance_officer',
  'advanced_troubleshooting',
] as const;
export type OrganizationRole = (typeof organizationRoles)[number];

/** Customer-management roles, only for people of a partner organization (domain 4b). */
export const partnerRoles = [
  'partner_full_administrator',
  'partner_administrator',
  'partner_read_only_administrator',
  'help_desk_basic',
  'help_desk_advanced',
] as const;
export type PartnerRole = (typeof partnerRoles)[number];

export const administratorRoles = [...organizationRoles, ...partnerRoles] as const;
export type AdministratorRole = OrganizationRole | PartnerRole;

/** Never assigned by hand: it follows from having set up services for a customer (domain 4c). */
export const derivedRoles = ['provisioning_administrator'] as const;
export type DerivedRole = (typeof derivedRoles)[number];

export type Role = WorkspaceRole | AdministratorRole | DerivedRole;

export const helpDeskRoles = ['help_desk_basic', 'help_desk_advanced'] as const satisfies readonly PartnerRole[];
export type HelpDeskRole = (typeof helpDeskRoles)[number];

export const botBuilderRoles = ['curation_console', 'one_click_testing'] as const;
export type BotBuilderRole = (typeof botBuilderRoles)[number];

export interface AppTray {
  botBuilder: BotBuilderRole[];
  /** Application ids; they matter for the `restricted` role, the others reach all applications. */
  applications: string[];
}

export const roleLabels: Readonly<Record<Role | BotBuilderRole, string>> = {
  owner: 'Owner',
  full_access: 'Full access',
  limited_access: 'Limited access',
  read_only: 'Read-only access',
  restricted: 'Restricted access',
  full_administrator: 'Full administrator',
  read_only_administrator: 'Read-only administrator',
  support_administrator: 'Support administrator',
  user_and_device_administrator: 'User and device administrator',
  device_administrator: 'Device administrator',
  compliance_officer: 'Compliance officer',
  advanced_troubleshooting: 'Advanced troubleshooting',
  partner_full_administrator: 'Partner full administrator',
  partner_administrator: 'Partner administrator',
  partner_read_only_administrator: 'Partner read-only administrator',
  help_desk_basic: 'Help desk administrator (Basic)',
  help_desk_advanced: 'Help desk administrator (Advanced)',
  provisioning_administrator: 'Provisioning administrator',
  curation_console: 'Curation Console',
  one_click_testing: 'One-click testing',
};

const includes = <T extends string>(list: readonly T[], value: string): value is T =>
  (list as readonly string[]).includes(value);

export const isWorkspaceRole = (value: string): value is WorkspaceRole => includes(workspaceRoles, value);
export const isOrganizationRole = (value: string): value is OrganizationRole => includes(organizationRoles, value);
export const isPartnerRole = (value: string): value is PartnerRole => includes(partnerRoles, value);
export const isAdministratorRole = (value: string): value is AdministratorRole => includes(administratorRoles, value);
export const isHelpDeskRole = (value: string): value is HelpDeskRole => includes(helpDeskRoles, value);
