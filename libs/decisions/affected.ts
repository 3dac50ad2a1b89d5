/** Which precondition went. */
export type Cause = 'role_lost' | 'membership_removed' | 'account_removed' | 'relationship_ended' | 'assignment_lost';

/** Whose right was taken away: of one person, of a partner's people, towards one customer, or any of these together. */
export interface Affected {
  accountId?: string;
  partnerId?: string;
  customerId?: string;
}
