import type { MailKind, MailVariables } from '#mail';
import type { EntityManager, MailDelivery } from '#persistence';
import type { Dependencies } from '../dependencies.ts';

/** Somebody with an account, or an address that has none yet. */
export type Recipient = { accountId: string; address: null } | { accountId: null; address: string };

export interface Addressees {
  recipients: Recipient[];
  /** Who sees whether the mail arrived. */
  organizationIds: string[];
}

/** What is told about a row, and to whom; nobody in particular where a side is told. */
export type Telling = Pick<MailDelivery, 'rowId' | 'accountId' | 'edition'>;

/** What there is to know about a kind of mail: whom it concerns, and what it says. */
export interface Concern<Kind extends MailKind = MailKind> {
  recipients(em: EntityManager, rowId: string): Promise<Addressees>;
  /** Read when the mail goes out; null where it has become pointless. */
  variables(em: EntityManager, delivery: Telling, dependencies: Dependencies): Promise<MailVariables<Kind> | null>;
}

export type Concerns = { [Kind in MailKind]?: Concern<Kind> };

export const person = (accountId: string): Recipient => ({ accountId, address: null });
