/** What the API, the worker and the workflows must agree on; inputs carry ids only. */

export const workflowTypes = {
  elevation: 'elevation',
  helpDeskSession: 'helpDeskSession',
  invite: 'invite',
  inviteBatch: 'inviteBatch',
  membershipNotice: 'membershipNotice',
  externalAdministrator: 'externalAdministrator',
  changeRequest: 'changeRequest',
  passwordReset: 'passwordReset',
  mailDelivery: 'mailDelivery',
} as const;

export type WorkflowType = (typeof workflowTypes)[keyof typeof workflowTypes];

const features: Record<WorkflowType, string> = {
  elevation: 'elevation',
  helpDeskSession: 'help-desk-session',
  invite: 'invite',
  inviteBatch: 'invite-batch',
  membershipNotice: 'membership-notice',
  externalAdministrator: 'external-administrator',
  changeRequest: 'change-request',
  passwordReset: 'password-reset',
  mailDelivery: 'mail-delivery',
};

export interface WorkflowInput {
  rowId: string;
}

/** `<feature>:<rowId>`: the same row can never have two workflows. */
export function workflowId(type: WorkflowType, rowId: string): string {
  return `${features[type]}:${rowId}`;
}

/** The row changed: look at it again. Lost, late, doubled and reordered nudges are harmless. */
export const nudgeSignal = 'nudge';
