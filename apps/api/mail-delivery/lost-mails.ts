import type { LostMail } from '#decisions';

/** What a mail tells, by the last part of its kind. */
const contents: Readonly<Record<string, string>> = {
  requested: 'The request for a decision',
  reminder: 'The reminder of the request',
  approved: 'The news of the approval',
  attached: 'The news of the access',
  denied: 'The news of the denial',
  cancelled: 'The news that the request was withdrawn',
  expired: 'The news that nobody decided in time',
  opened: 'The news of the session',
  ended: 'The news of the end',
  unexpected: 'The warning of an unexpected request',
};

export interface LostMailsInWords {
  content: string;
  /** `Ada Lovelace, 2 other administrators`. */
  recipients: string;
}

/** Mails that ask or announce: pointless as soon as that is over, and then sent no more. */
const onlyWhileOpen: ReadonlySet<string> = new Set(['requested', 'reminder', 'opened']);

/** Which mails did not arrive and with whom, one line a kind. */
export function lostMailsInWords(mails: readonly LostMail[], isOpen: boolean): LostMailsInWords[] {
  const named = mails.map((mail) => ({ ...mail, about: mail.kind.slice(mail.kind.lastIndexOf('.') + 1) }));
  const wanted = named.filter(({ about }) => isOpen || !onlyWhileOpen.has(about));
  return [...Map.groupBy(wanted, ({ about }) => about)].map(([about, lost]) => {
    const names = lost.flatMap(({ recipientName }) => recipientName ?? []);
    const others = lost.length - names.length;
    const other = `${names.length > 0 ? 'other ' : ''}administrator`;
    return {
      content: contents[about] ?? 'A mail',
      recipients: [...names, ...(others > 0 ? [`${others} ${other}${others === 1 ? '' : 's'}`] : [])].join(', '),
    };
  });
}
