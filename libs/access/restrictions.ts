import { hasProvisionedPartner } from './relationship.ts';
import type { RestrictedSetting } from './settings.ts';
import type { TargetOrganization } from './subject.ts';

export const restrictionKinds = ['unavailable', 'read_only', 'hidden'] as const;
export type RestrictionKind = (typeof restrictionKinds)[number];

/** `only_while_off`: something that lifting the mode adds, hence unavailable while it is on. */
export type RestrictionEffect = RestrictionKind | 'only_while_off';

/** The list is partner-defined; a setting without an entry is not restricted. */
export type Restrictions = Readonly<Partial<Record<RestrictedSetting, RestrictionEffect>>>;

/** Domain 4d: the default list of restricted administrator mode, every line stated. */
export const defaultRestrictions: Readonly<Record<RestrictedSetting, RestrictionEffect>> = {
  'users.manual_add_modify': 'unavailable',
  'users.claim': 'unavailable',
  'users.auto_assign_licences': 'unavailable',
  'users.reset_package': 'unavailable',
  'users.edit_services': 'unavailable',
  'users.details': 'read_only',
  'users.primary_work_number': 'read_only',
  'users.directory_synchronization': 'read_only',
  'users.services_status': 'hidden',
  'users.add_wholesale': 'only_while_off',
  'users.change_packages': 'only_while_off',
  'account.company_name': 'read_only',
  'organization.domain': 'read_only',
  'organization.suppress_admin_invite_email': 'read_only',
  'organization.email_locale': 'read_only',
  'organization.authentication': 'unavailable',
  'calling.call_priority': 'read_only',
  'calling.behaviour': 'read_only',
  'calling.pstn_local_gateway': 'hidden',
  'calling.pstn_vendor': 'hidden',
  'services.migrations': 'hidden',
  'services.connected_uc': 'hidden',
};

/** What each effect leaves of a level. */
export const levelUnderRestriction = {
  unavailable: 'none',
  only_while_off: 'none',
  hidden: 'none',
  read_only: 'read',
} as const satisfies Record<RestrictionEffect, 'none' | 'read'>;

/** What a person is shown of each effect. */
export const shownRestriction: Readonly<Record<RestrictionEffect, RestrictionKind>> = {
  unavailable: 'unavailable',
  only_while_off: 'unavailable',
  hidden: 'hidden',
  read_only: 'read_only',
};

/** Without a provisioned partner nobody could lift the mode, so it is not in force. */
export const restrictionsInForce = (target: TargetOrganization, now: Date): boolean =>
  target.kind === 'customer' && target.restrictedMode && hasProvisionedPartner(target, now);

export const restrictedModeBanner = {
  code: 'restricted_administrator_mode',
  text: 'Restricted administrator mode is on for this organization: your partner manages some of the settings.',
} as const;
