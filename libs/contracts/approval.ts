/** Features in which somebody asks and somebody else decides: one name in routes, events, mails and workflow ids. */
export const approvalFeatures = ['elevation', 'external-administrator', 'change-request'] as const;
export type ApprovalFeature = (typeof approvalFeatures)[number];
