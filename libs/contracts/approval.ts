/**
 * Features in which somebody asks and somebody else decides, by the type of their workflow: one name in routes, events,
 * mails and workflow ids.
 */
export const approvalFeatures = {
  elevation: 'elevation',
  externalAdministrator: 'external-administrator',
  changeRequest: 'change-request',
} as const;
export type ApprovalFeature = (typeof approvalFeatures)[keyof typeof approvalFeatures];
