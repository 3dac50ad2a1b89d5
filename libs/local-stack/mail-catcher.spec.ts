import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type MailCatcher, type MailFault, startMailCatcher } from './index.ts';

describe('the mail catcher', () => {
  let catcher: MailCatcher;

  beforeEach(async () => {
    catcher = await startMailCatcher();
  });

  afterEach(() => catcher.stop());

  async function send(to: string, subject = 'Access for Ada', smtpUrl = catcher.smtpUrl): Promise<void> {
    const transport = createTransport(smtpUrl, { from: 'Countersign <no-reply@countersign.local>' });
    try {
      await transport.sendMail({
        to,
        subject,
        text: 'Ada asks for one hour: http://localhost:3000/elevations/1',
        html: '<p>Ada asks for <b>one hour</b></p><script>alert(1)</script>',
        headers: { 'X-Countersign-Mail': 'elevation.requested' },
      });
    } finally {
      transport.close();
    }
  }

  it('keeps a mail with its kind, both bodies and its headers', async () => {
    await send('Grace@Customer.example');
    expect(await catcher.waitForMail({ to: 'grace@customer.example', kind: 'elevation.requested' })).toMatchObject({
      to: ['grace@customer.example'],
      from: 'no-reply@countersign.local',
      subject: 'Access for Ada',
      kind: 'elevation.requested',
      text: expect.stringContaining('http://localhost:3000/elevations/1'),
      html: expect.stringContaining('<b>one hour</b>'),
      messageId: expect.stringMatching(/^<.+@.+>$/),
      headers: expect.objectContaining({ 'x-countersign-mail': 'elevation.requested' }),
    });
  });

  it('waits for a mail that is still to come, and for a later one than a known one', async () => {
    const waiting = catcher.waitForMail({ to: 'grace@customer.example' });
    await send('somebody@else.example');
    await send('grace@customer.example', 'First');
    const first = await waiting;
    expect(first.subject).toBe('First');
    const next = catcher.waitForMail({ to: 'grace@customer.example', after: first });
    await send('grace@customer.example', 'Second');
    expect((await next).subject).toBe('Second');
  });

  it('tells what came instead when the mail does not come', async () => {
    await send('somebody@else.example');
    await expect(catcher.waitForMail({ to: 'grace@customer.example' }, 50)).rejects.toThrow(
      /No mail .*grace@customer.example.* within 50 ms. What came: elevation.requested to somebody@else.example/,
    );
  });

  it.each<[MailFault, number]>([
    ['reject-4xx', 451],
    ['reject-5xx', 550],
  ])('answers %s with %i, once, and then takes mails again', async (fault, responseCode) => {
    catcher.failNext(1, fault);
    await expect(send('grace@customer.example')).rejects.toMatchObject({ responseCode });
    expect(catcher.mails()).toHaveLength(0);
    await send('grace@customer.example');
    expect(catcher.mails()).toHaveLength(1);
  });

  it.each<MailFault>(['refuse-connection', 'drop-before-data'])('keeps nothing after %s', async (fault) => {
    catcher.failNext(2, fault);
    await expect(send('grace@customer.example')).rejects.toThrow();
    await expect(send('grace@customer.example')).rejects.toThrow();
    expect(catcher.mails()).toHaveLength(0);
    await send('grace@customer.example');
    expect(catcher.mails()).toHaveLength(1);
  });

  it('keeps the mail the sender believes lost when it hangs up after the data', async () => {
    catcher.failNext(1, 'drop-after-data');
    await expect(send('grace@customer.example')).rejects.toThrow();
    expect(catcher.mails()).toHaveLength(1);
  });

  it('lets a sender hang until that one gives up', async () => {
    catcher.failNext(1, 'hang');
    await expect(send('grace@customer.example', 'Hangs', `${catcher.smtpUrl}?socketTimeout=200`)).rejects.toThrow(
      /[Tt]imeout/,
    );
    expect(catcher.mails()).toHaveLength(0);
  });

  it('fails for one recipient only, and not at all once the faults are taken back', async () => {
    catcher.failNext(2, 'reject-5xx', 'Grace@customer.example');
    await send('somebody@else.example');
    await expect(send('grace@customer.example')).rejects.toMatchObject({ responseCode: 550 });
    catcher.clearFaults();
    await send('grace@customer.example');
    expect(catcher.mails()).toHaveLength(2);
  });

  it('shows the mails on a page, newest first, and a mail in a frame that runs no script', async () => {
    await send('grace@customer.example', 'First <b>');
    await send('grace@customer.example', 'Second');
    const list = await (await fetch(catcher.webUrl)).text();
    expect(list.indexOf('Second')).toBeLessThan(list.indexOf('First &lt;b&gt;'));
    const [first] = catcher.mails();
    const page = await (await fetch(`${catcher.webUrl}/mails/${first?.id}`)).text();
    expect(page).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"');
    expect(page).toContain('Ada asks for one hour');
    const frame = await fetch(`${catcher.webUrl}/mails/${first?.id}/html`);
    expect(frame.headers.get('content-security-policy')).toMatch(/^sandbox allow-popups [^;]*; default-src 'none'/);
    expect((await fetch(`${catcher.webUrl}/mails/unknown`)).status).toBe(404);
  });

  it('gives the mails as JSON and forgets them on request, but not on that of another site', async () => {
    await send('grace@customer.example');
    const answer = await fetch(`${catcher.webUrl}/mails.json`);
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(catcher.mails())));
    const foreign = await fetch(`${catcher.webUrl}/clear`, {
      method: 'POST',
      headers: { origin: 'https://evil.example' },
    });
    expect(foreign.status).toBe(403);
    await fetch(`${catcher.webUrl}/clear`, { method: 'POST' });
    expect(catcher.mails()).toHaveLength(0);
  });

  it('still shows the mails after a restart on a laptop', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-spec-'));
    try {
      const dataFile = join(folder, 'mails.jsonl');
      const first = await startMailCatcher({ dataFile });
      await send('grace@customer.example', 'Kept', first.smtpUrl);
      await first.stop();
      const second = await startMailCatcher({ dataFile });
      expect(second.mails()).toMatchObject([{ subject: 'Kept' }]);
      await second.clear();
      await second.stop();
      expect(await readFile(dataFile, 'utf8')).toBe('');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
