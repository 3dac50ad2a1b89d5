import { approvalFeatures } from './approval.ts';

/** What the API, the worker and the workflows must agree on; inputs carry ids only. */

const features = {
  ...approvalFeatures,
  helpDeskSession: 'help-desk-session',
  invite: 'invite',
  inviteBatch: 'invite-batch',
  membershipNotice: 'membership-notice',
  passwordReset: 'password-reset',
  mailDelivery: 'mail-delivery',
} as const;

export type WorkflowType = keyof typeof features;

/** Each workflow's type, by its own name. */
export const workflowTypes = Object.fromEntries(Object.keys(features).map((type) => [type, type])) as {
  readonly [Type in WorkflowType]: Type;
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
