import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { type CaughtMail, parseMail } from './caught-mail.ts';
import { type FaultPlan, rejections } from './mail-faults.ts';

export interface SmtpServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts the catcher's SMTP side: each mail goes to `keep`, unless a fault is due. */
export async function startSmtpServer(
  port: number,
  faults: FaultPlan,
  keep: (mail: CaughtMail) => Promise<void>,
): Promise<SmtpServer> {
  const sockets = new Map<number, Socket>();
  const hangUp = (session: SMTPServerSession) => sockets.get(session.remotePort)?.destroy();
  /** Mails whose fault shows only when their data has come. */
  const doomed = new Set<string>();

  const receive = async (stream: SMTPServerDataStream, session: SMTPServerSession, done: (error?: Error) => void) => {
    const { mailFrom, rcptTo } = session.envelope;
    try {
      const envelope = { from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address) };
      await keep(await parseMail(await buffer(stream), envelope));
    } catch (error) {
      return done(error instanceof Error ? error : new Error(String(error)));
    }
    if (doomed.delete(session.id)) hangUp(session);
    else done();
  };

  const server = new SMTPServer({
    // A laptop's catcher takes mail with and without credentials, in clear text.
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onAuth: (_credentials, _session, done) => done(null, { user: 'anybody' }),
    closeTimeout: 500,
    disableReverseLookup: true,
    onConnect: (session, done) => {
      if (faults.takeForConnection()) hangUp(session);
      else done();
    },
    onRcptTo: ({ address }, session, done) => {
      const fault = faults.takeForRecipient(address.toLowerCase());
      if (fault === 'hang') return;
      if (fault === 'drop-before-data') {
        hangUp(session);
        return;
      }
      if (fault === 'drop-after-data') doomed.add(session.id);
      const rejection = fault && rejections[fault];
      done(rejection && Object.assign(new Error(rejection.text), { responseCode: rejection.code }));
    },
    onData: (stream, session, done) => void receive(stream, session, done),
  });
  // A sender that goes away in the middle is the sender's affair.
  server.on('error', () => {});

  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  server.server.on('connection', (socket: Socket) => {
    const { remotePort } = socket;
    if (remotePort === undefined) return;
    sockets.set(remotePort, socket);
    socket.once('close', () => sockets.delete(remotePort));
  });

  return {
    port,
    stop: async () => {
      for (const socket of sockets.values()) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
