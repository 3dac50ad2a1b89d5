import type { MailDelivery } from '#persistence';
import type { FilterQuery } from '@mikro-orm/postgresql';

/** Whose mails about a row somebody may know of. */
export interface MailSight {
  rowId: string;
  /** Only those this organization is told of, whoever they go to. */
  organizationId?: string | undefined;
  /** Only those to this person. */
  accountId?: string | undefined;
}

export const inSight = ({ rowId, organizationId, accountId }: MailSight): FilterQuery<MailDelivery> => ({
  rowId,
  ...(organizationId && { organizationIds: { $contains: [organizationId] } }),
  ...(accountId && { accountId }),
});
