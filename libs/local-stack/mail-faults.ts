/**
 * What may go wrong with a mail server. `reject-*` answer the recipient with 451 or 550, `drop-before-data` hangs up in its place,
 * `drop-after-data` keeps the mail and hangs up before saying so (the sender can't know), `hang` never answers again,
 * `refuse-connection` hangs up before the greeting.
 */
export type MailFault =
  'reject-4xx' | 'reject-5xx' | 'drop-before-data' | 'drop-after-data' | 'hang' | 'refuse-connection';

/** The reply a fault gives to a recipient. */
export const rejections: Partial<Record<MailFault, { code: number; text: string }>> = {
  'reject-4xx': { code: 451, text: '4.3.2 Try again later' },
  'reject-5xx': { code: 550, text: '5.1.1 No such mailbox' },
};

interface PlannedFault {
  readonly fault: MailFault;
  readonly to?: string;
  left: number;
}

/** The faults that are still to come, in the order they were asked for. */
export class FaultPlan {
  #planned: PlannedFault[] = [];

  /** The next `times` mails fail; with `to` only those to this recipient. */
  failNext(times: number, fault: MailFault, to?: string): void {
    this.#planned.push({ fault, to: to?.toLowerCase(), left: times });
  }

  clear(): void {
    this.#planned = [];
  }

  /** Whether this connection is to be refused; uses the fault up. */
  takeForConnection(): boolean {
    return this.#take(({ fault }) => fault === 'refuse-connection') !== undefined;
  }

  /** The fault for a mail to this recipient; uses it up. */
  takeForRecipient(recipient: string): MailFault | undefined {
    return this.#take(({ fault, to }) => fault !== 'refuse-connection' && (to === undefined || to === recipient));
  }

  #take(applies: (planned: PlannedFault) => boolean): MailFault | undefined {
    const next = this.#planned.find((planned) => planned.left > 0 && applies(planned));
    if (!next) return undefined;
    next.left -= 1;
    return next.fault;
  }
}
