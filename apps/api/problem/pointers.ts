import type { ErrorCode } from '#contracts';

/** Where in the request the mistake is that a code of status 400 tells, unless the refusal itself says where. */
const pointers: Readonly<Partial<Record<ErrorCode, string>>> = {
  provider_settings_required: '/sso',
  duration_above_policy: '/durationSeconds',
  duration_below_minimum: '/durationSeconds',
  partner_required: '/partnerId',
  owner_needs_client_scope: '/scope',
  unknown_setting: '/settings',
  purpose_required: '/purpose',
  password_not_acceptable: '/password',
  reason_required: '/reason',
  webhook_url_not_allowed: '/url',
  invalid_cursor: '/cursor',
  partner_role_outside_partner: '/administratorRoles',
  kind_not_created: '/kind',
  invite_without_roles: '/workspaceRole',
};

/** RFC 6901; the empty pointer is the whole body. */
export const pointerOf = (code: ErrorCode): string => pointers[code] ?? '';
