import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import {
  createMailSender,
  type MailSender,
  MailDeliveryError,
  MailUndeliverableError,
  messageIdFor,
  renderMail,
  sampleMail,
} from './index.ts';

const running: { close(): unknown }[] = [];
const received: { parsed: ParsedMail; recipients: string[] }[] = [];

afterEach(() => {
  for (const each of running.splice(0)) each.close();
  received.length = 0;
});

function onlyMail(): (typeof received)[number] {
  const [first, ...others] = received;
  if (first === undefined || others.length > 0) throw new Error(`${received.length} mails instead of one`);
  return first;
}

function senderTo(port: number, timeoutMilliseconds = 2_000): MailSender {
  const sender = createMailSender({
    smtpUrl: `smtp://127.0.0.1:${port}`,
    from: 'Countersign <access@countersign.example>',
    timeoutMilliseconds,
  });
  running.unshift(sender);
  return sender;
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address.port;
}

/** A real SMTP server that keeps what it takes; `options` makes it refuse. */
async function smtpServer(options: SMTPServerOptions = {}): Promise<number> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    async onData(stream, session, done) {
      const raw = await text(stream);
      const recipients = session.envelope.rcptTo.map(({ address }) => address);
      received.push({ parsed: await simpleParser(raw), recipients });
      done();
    },
    ...options,
  });
  running.push({ close: () => server.close() });
  // Connections that break are part of the stories below.
  server.on('error', () => undefined);
  return await listening(server.server);
}

/** A server that plays a fixed part: `answer` returns the reply to a line, or null to hang up. */
async function scriptedServer(
  answer: (line: string, inData: boolean) => string | null | undefined,
  greeting = '220 hello',
): Promise<{ port: number; commands: string[] }> {
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (greeting !== '') socket.write(`${greeting}\r\n`);
    let buffer = '';
    let inData = false;
    socket.on('data', (chunk) => {
      buffer += chunk.toString('latin1');
      for (let end = buffer.indexOf('\r\n'); end >= 0; end = buffer.indexOf('\r\n')) {
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        if (inData && line !== '.') continue;
        commands.push(line);
        const reply = answer(line, inData);
        inData = line === 'DATA';
        if (reply === null) socket.destroy();
        else if (reply !== undefined) socket.write(`${reply}\r\n`);
      }
    });
  });
  running.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return { port: await listening(server), commands };
}

const to = 'maria.lindqvist@harbour.example';
const kind = 'elevation.requested';
const messageId = messageIdFor(
  { kind, rowId: '01939f5a-7c00-7000-8000-000000000001', accountOrAddressKey: 'account-1', version: 1 },
  'countersign.example',
);
const mail = { to, kind, messageId, ...renderMail(kind, sampleMail(kind)) } as const;

async function failureOf(sending: Promise<void>): Promise<MailUndeliverableError | MailDeliveryError> {
  const error: unknown = await sending.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof MailUndeliverableError || error instanceof MailDeliveryError) return error;
  throw new Error(`expected a mail error, got ${String(error)}`);
}

/** What ends up in logs and in the engine's history must not tell whom the mail was for or what it said. */
function expectDiscreet(error: Error): void {
  const everything = [error.message, error.stack, JSON.stringify(error), String(error.cause)].join('\n');
  expect(everything).not.toMatch(/maria|harbour|grace|phones/i);
}

const refusal = (responseCode: number) => Object.assign(new Error(`no thanks <${to}>`), { responseCode });

describe('a mail that the server takes', () => {
  it('arrives with our headers, both parts and one recipient', async () => {
    await senderTo(await smtpServer()).send(mail);
    expect(received).toHaveLength(1);
    const { parsed, recipients } = onlyMail();
    expect(recipients).toEqual([to]);
    expect(parsed.messageId).toBe(messageId);
    expect(parsed.subject).toBe(mail.subject);
    expect(parsed.from?.text).toBe('"Countersign" <access@countersign.example>');
    expect(parsed.headers.get('x-countersign-mail')).toBe(kind);
    expect(parsed.headers.get('auto-submitted')).toBe('auto-generated');
    expect(parsed.text?.trim()).toBe(mail.text.trim());
    expect(String(parsed.html).trim()).toBe(mail.html.trim());
  });

  it('has the same Message-ID when it is sent again', async () => {
    const sender = senderTo(await smtpServer());
    await sender.send(mail);
    await sender.send(mail);
    expect(received.map(({ parsed }) => parsed.messageId)).toEqual([messageId, messageId]);
  });

  it('gets no second header or recipient from a hostile name', async () => {
    const requesterName = 'Grace\r\nBcc: victim@example.com\r\nX-Evil: 1';
    const hostile = renderMail(kind, { ...sampleMail(kind), requesterName });
    await senderTo(await smtpServer()).send({ ...mail, ...hostile });
    const { parsed, recipients } = onlyMail();
    expect(recipients).toEqual([to]);
    expect(parsed.bcc).toBeUndefined();
    expect(parsed.headers.has('x-evil')).toBe(false);
  });

  it('gets no second header from a subject that was not rendered here', async () => {
    await senderTo(await smtpServer()).send({ ...mail, subject: 'Hello\r\nX-Evil: 1\r\n\r\nbody' });
    const { parsed } = onlyMail();
    expect(parsed.headers.has('x-evil')).toBe(false);
  });

  it('goes out over five connections at once without loss', async () => {
    const sender = senderTo(await smtpServer());
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => sender.send({ ...mail, to: `person${index}@harbour.example` })),
    );
    expect(new Set(received.flatMap(({ recipients }) => recipients)).size).toBe(20);
  });
});

describe('a mail that the server refuses for good', () => {
  it.each([
    ['the sender', { onMailFrom: (_a, _s, done) => done(refusal(553)) }, 553],
    ['the recipient', { onRcptTo: (_a, _s, done) => done(refusal(550)) }, 550],
    ['the content', { onData: (stream, _s, done) => stream.on('end', () => done(refusal(554))).resume() }, 554],
  ] satisfies [string, SMTPServerOptions, number][])(
    'is undeliverable when it refuses %s',
    async (_what, options, responseCode) => {
      const error = await failureOf(senderTo(await smtpServer(options)).send(mail));
      expect(error).toBeInstanceOf(MailUndeliverableError);
      expect(error.failure.responseCode).toBe(responseCode);
      expectDiscreet(error);
    },
  );

  it.each(['a@b.example,c@d.example', 'A <a@b.example>', 'a@b.example\r\nRCPT TO:<c@d.example>', 'nobody'])(
    'is undeliverable without a connection when the address is %j',
    async (address) => {
      const error = await failureOf(senderTo(1).send({ ...mail, to: address }));
      expect(error).toBeInstanceOf(MailUndeliverableError);
    },
  );

  it('leaves the sender usable for the next mail', async () => {
    const port = await smtpServer({
      onRcptTo: ({ address }, _session, done) => (address === to ? done(refusal(550)) : done()),
    });
    const sender = senderTo(port);
    await failureOf(sender.send(mail));
    await sender.send({ ...mail, to: 'jon@harbour.example' });
    expect(received).toHaveLength(1);
  });
});

describe('a mail that may go through later', () => {
  it.each([
    ['the sender', { onMailFrom: (_a, _s, done) => done(refusal(451)) }, 451],
    ['the recipient', { onRcptTo: (_a, _s, done) => done(refusal(450)) }, 450],
    ['the content', { onData: (stream, _s, done) => stream.on('end', () => done(refusal(452))).resume() }, 452],
  ] satisfies [string, SMTPServerOptions, number][])(
    'is retryable when the server puts off %s',
    async (_what, options, responseCode) => {
      const error = await failureOf(senderTo(await smtpServer(options)).send(mail));
      expect(error).toBeInstanceOf(MailDeliveryError);
      expect(error.failure.responseCode).toBe(responseCode);
      expectDiscreet(error);
    },
  );

  it('is retryable, and not handed over, where TLS is required and the server has none, whatever the address says', async () => {
    const { port, commands } = await scriptedServer((line) => (line.startsWith('EHLO') ? '250 plain' : '502 no'));
    for (const words of ['', '?requireTLS=false&ignoreTLS=true']) {
      const sender = createMailSender({
        smtpUrl: `smtp://127.0.0.1:${port}/${words}`,
        requireTls: true,
        from: 'a@b.example',
      });
      const error = await failureOf(sender.send(mail));
      expect(error).toBeInstanceOf(MailDeliveryError);
      sender.close();
    }
    expect(commands.some((line) => /^(MAIL|RCPT|DATA)/.test(line))).toBe(false);
    expect(commands.filter((line) => line === 'STARTTLS')).toHaveLength(2);
  });

  it('is retryable when nobody listens', async () => {
    const server = createServer();
    const port = await listening(server);
    server.close();
    const error = await failureOf(senderTo(port).send(mail));
    expect(error).toBeInstanceOf(MailDeliveryError);
    expectDiscreet(error);
  });

  it('is retryable when the server refuses everybody at the door', async () => {
    const { port } = await scriptedServer(() => '503 no', '554 no service');
    expect(await failureOf(senderTo(port).send(mail))).toBeInstanceOf(MailDeliveryError);
  });

  it('is retryable when our sign-in is refused, which an operator repairs', async () => {
    const port = await smtpServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(refusal(535)),
    });
    const sender = createMailSender({
      smtpUrl: `smtp://user:wrong@127.0.0.1:${port}`,
      from: 'access@countersign.example',
    });
    running.unshift(sender);
    const error = await failureOf(sender.send(mail));
    expect(error).toBeInstanceOf(MailDeliveryError);
    expect(error.failure.responseCode).toBe(535);
  });

  it('is retryable, and was tried once only, when the connection drops after the content', async () => {
    const { port, commands } = await scriptedServer((line, inData) => {
      if (inData) return null;
      return line === 'DATA' ? '354 go on' : '250 ok';
    });
    const error = await failureOf(senderTo(port).send(mail));
    expect(error).toBeInstanceOf(MailDeliveryError);
    expect(commands.filter((line) => line === '.')).toHaveLength(1);
    expectDiscreet(error);
  });

  it('is retryable when the server takes the content and falls silent', async () => {
    const { port } = await scriptedServer((line, inData) => {
      if (inData) return undefined;
      return line === 'DATA' ? '354 go on' : '250 ok';
    });
    const started = Date.now();
    const error = await failureOf(senderTo(port, 300).send(mail));
    expect(error).toBeInstanceOf(MailDeliveryError);
    expect(Date.now() - started).toBeLessThan(3_000);
  });

  it('is retryable when the server never greets', async () => {
    const { port } = await scriptedServer(() => undefined, '');
    const started = Date.now();
    expect(await failureOf(senderTo(port, 300).send(mail))).toBeInstanceOf(MailDeliveryError);
    expect(Date.now() - started).toBeLessThan(3_000);
  });

  it('is retryable when the server trickles its answer without an end', async () => {
    const trickle: NodeJS.Timeout[] = [];
    running.push({ close: () => trickle.forEach((timer) => clearInterval(timer)) });
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      trickle.push(setInterval(() => !socket.destroyed && socket.write('220-wait\r\n'), 50));
    });
    running.push(server);
    const started = Date.now();
    expect(await failureOf(senderTo(await listening(server), 300).send(mail))).toBeInstanceOf(MailDeliveryError);
    expect(Date.now() - started).toBeLessThan(3_000);
  });
});

describe('verify', () => {
  it('resolves with a server and rejects without', async () => {
    await senderTo(await smtpServer()).verify();
    const server = createServer();
    const port = await listening(server);
    server.close();
    await expect(senderTo(port).verify()).rejects.toBeInstanceOf(MailDeliveryError);
  });
});

it('rejects a mail after the sender was closed', async () => {
  const sender = senderTo(await smtpServer());
  sender.close();
  expect(await failureOf(sender.send(mail))).toBeInstanceOf(MailDeliveryError);
});
