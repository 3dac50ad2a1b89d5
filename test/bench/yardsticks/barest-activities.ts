import { renderMail, sampleMail, type MailKind, type MailSender } from '#mail';
import type { Pool } from 'pg';
import { bareWrites, inTransaction } from './bare-writes.ts';

export interface BarestCase {
  id: string;
  partnerId: string;
  customerId: string;
  agentId: string;
  adminId: string;
  agentAddress: string;
  adminAddress: string;
}

export interface BarestActivities {
  ask(one: BarestCase): Promise<void>;
  approve(one: BarestCase): Promise<void>;
  revoke(one: BarestCase): Promise<void>;
  sendMail(mail: { to: string; kind: MailKind; id: string }): Promise<void>;
}

/** The bare writes, and mails of the very size and shape the service sends, over the same kind of connections. */
export function barestActivities(pool: Pool, mailSender: MailSender): BarestActivities {
  return {
    ask: (one) => inTransaction(pool, (client) => bareWrites.ask(client, one)),
    approve: ({ id, adminId }) => inTransaction(pool, (client) => bareWrites.approve(client, id, adminId)),
    revoke: ({ id, adminId }) => inTransaction(pool, (client) => bareWrites.revoke(client, id, adminId)),
    sendMail: ({ to, kind, id }) =>
      mailSender.send({ to, kind, messageId: `<${kind}.${id}@bench.example>`, ...renderMail(kind, sampleMail(kind)) }),
  };
}
