import type { AuditEventView } from '#contracts';
import { approvalFlows, type ApprovalRow } from '#decisions';
import {
  mailKinds,
  readableDuration,
  readableInstant,
  renderMail,
  writtenLine,
  writtenLines,
  type MailKind,
} from '#mail';
import { asSystem, Organization, type EntityManager } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import { concernOf } from '../mail/concerns.ts';

/** What is written into a chat, whichever it is: lines of plain text, and one link to a page of ours. */
export interface ChatMessage {
  title: string;
  facts: { label: string; value: string }[];
  link: { words: string; url: string };
}

export interface ChannelEvent {
  organizationId: string;
  event: Pick<AuditEventView, 'action' | 'subject'>;
  /** Whether what people wrote is told, too. */
  withReasons: boolean;
}

/**
 * What there is to say to an organization's chat about an event: the words of the mail about it. Null where the request
 * is somebody else's to decide, or is decided by now. The link leads to a page that asks people to sign in; nothing in a
 * chat decides.
 */
export const chatMessage =
  ({ database, ...others }: Dependencies) =>
  async ({ organizationId, event, withReasons }: ChannelEvent): Promise<ChatMessage | null> =>
    database.transaction(asSystem, async (em) => {
      if (event.action === 'channel.tested') return greeting(em, organizationId, others.publicUrl);
      const kind = mailKinds.find((one) => one === event.action);
      if (!kind || !(await isDecidedBy(em, organizationId, event))) return null;
      const telling = { rowId: event.subject.id, accountId: null, edition: 1 };
      const said = await concernOf(kind).variables(em, telling, { database, ...others });
      return said && wordsOf(kind, said, withReasons);
    });

/** Those who decide see who asks; whoever asks does not see who decides, so only the one side's chat is told. */
async function isDecidedBy(em: EntityManager, organizationId: string, { action, subject }: ChannelEvent['event']) {
  const flow = approvalFlows.find(({ feature }) => action.startsWith(`${feature}.`));
  const row = flow && (await em.findOne<ApprovalRow>(flow.entity, { id: subject.id }));
  return row ? flow.parties(row).organizationId === organizationId : false;
}

function wordsOf<Kind extends MailKind>(
  kind: Kind,
  said: Parameters<typeof renderMail<Kind>>[1],
  withReasons: boolean,
): ChatMessage {
  const known: Readonly<Record<string, unknown>> = said;
  const text = (name: string, label: string, read: (value: string) => string = writtenLine) => {
    const value = known[name];
    return typeof value === 'string' ? [{ label, value: read(value) }] : [];
  };
  const seconds = known['durationSeconds'];
  return {
    title: renderMail(kind, said).subject,
    facts: [
      ...(withReasons ? text('reason', 'Why', (reason) => writtenLines(reason).join('\n')) : []),
      ...(typeof seconds === 'number' ? [{ label: 'For', value: readableDuration(seconds) }] : []),
      ...text('decideBy', 'Answer by', readableInstant),
      ...text('approverName', 'Approved by'),
      ...text('deniedByName', 'Denied by'),
      ...text('expiresAt', 'Ends', readableInstant),
    ],
    link: {
      words: kind.endsWith('.requested') ? 'Review the request' : 'See the request',
      url: String(known['url']),
    },
  };
}

async function greeting(em: EntityManager, organizationId: string, publicUrl: string): Promise<ChatMessage> {
  const { name } = await em.findOneOrFail(Organization, { id: organizationId });
  return {
    title: `Countersign writes here about requests that ${writtenLine(name)} decides`,
    facts: [],
    link: { words: 'Open Countersign', url: `${publicUrl}/` },
  };
}
