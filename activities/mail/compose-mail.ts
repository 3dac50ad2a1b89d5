import {
  messageIdFor,
  renderMail,
  type MailKind,
  type MailVariables,
  type OutgoingMail,
  type RenderedMail,
} from '#mail';
import { Account, MailDelivery, type EntityManager } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import { concernOf } from './concerns.ts';

type Render = (kind: MailKind, variables: MailVariables<MailKind>) => RenderedMail;

/** Renders the same words once, however many people are told them. */
export function renderOnce(): Render {
  const rendered = new Map<string, RenderedMail>();
  return (kind, variables) => {
    const key = JSON.stringify([kind, variables]);
    const mail = rendered.get(key) ?? renderMail(kind, variables);
    rendered.set(key, mail);
    return mail;
  };
}

/** A planned mail as it goes out; null where it is planned no more or has become pointless, which is written down. */
export async function composeMail(
  em: EntityManager,
  delivery: MailDelivery,
  dependencies: Dependencies,
  render: Render = renderMail,
): Promise<OutgoingMail | null> {
  if (delivery.status !== 'planned') return null;
  const kind = delivery.kind as MailKind;
  const variables = await concernOf(kind).variables(em, delivery, dependencies);
  const to = delivery.accountId
    ? ((await em.findOne(Account, { id: delivery.accountId, removedAt: null }))?.email ?? null)
    : delivery.address;
  if (!variables || !to) {
    delivery.status = 'obsolete';
    return null;
  }
  const messageId = messageIdFor(
    { kind, rowId: delivery.rowId, accountOrAddressKey: delivery.recipientKey, version: delivery.edition },
    dependencies.mailDomain,
  );
  return { to, kind, messageId, ...render(kind, variables) };
}

/** Marks mails as sent; they are never sent again. */
export async function markSent(em: EntityManager, deliveryIds: readonly string[], now: Date): Promise<void> {
  await em.nativeUpdate(MailDelivery, { id: { $in: [...deliveryIds] } }, { status: 'sent', sentAt: now });
}
