/** How a decision about a request may be refused, whichever flow it belongs to. */
export const decisionProblems = ['not_found', 'version_mismatch'] as const;

export const approverProblems = [
  ...decisionProblems,
  'approver_not_full_administrator',
  'approver_is_requester',
  'approver_in_requesting_partner',
  'person_required',
  'support_never_approves',
] as const;

export const resendOperation = {
  summary: 'Have the mails that could not be delivered tried again',
  description:
    'For `notifications.undeliverable`, once the address or the mail server is mended. Mails that have arrived or are still under way are not sent a second time.',
  problems: decisionProblems,
} as const;
