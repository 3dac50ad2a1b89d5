/** The rules of access: roles, matrices and judgements. Pure; imports nothing. */
export * from './roles.ts';
export * from './settings.ts';
export type * from './subject.ts';
export * from './effective-access.ts';
export { roleMatrix, withOverrides, defaultMatrices, matricesInForce, putInForce, tables } from './role-matrix.ts';
export type {
  CellOverride,
  Matrices,
  OverrideError,
  OverrideErrorCode,
  OverrideResult,
  RoleMatrixCell,
  TableName,
} from './role-matrix.ts';
export type { AccessLevel, Reason } from './levels.ts';
export type { CellOrigin } from './matrix.ts';
export * from './restrictions.ts';
export * from './recorded-standing.ts';
export * from './relationship.ts';
export * from './scope.ts';
export { isLiveAccess } from './temporary-access.ts';
export * from './standing.ts';
export * from './administrators.ts';
export * from './assurance.ts';
export * from './alias.ts';
export * from './api-key.ts';
export * from './approval.ts';
export * from './app-tray.ts';
export * from './activity.ts';
export * from './change-request.ts';
export * from './denials.ts';
export * from './elevation.ts';
export * from './external-administrator.ts';
export * from './grant.ts';
export * from './help-desk-session.ts';
export * from './independence.ts';
export * from './invite.ts';
export * from './organization.ts';
export * from './scim.ts';
export * from './sight.ts';
export * from './support-action.ts';
export * from './teammates.ts';
export * from './term.ts';
export * from './transitions.ts';
export * from './webhook.ts';
export * from './who-had-access.ts';
