import { EventEmitter, once } from 'node:events';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type CaughtMail, findMail, type MailMatch } from './caught-mail.ts';
import { FaultPlan, type MailFault } from './mail-faults.ts';
import { startMailPages } from './mail-pages.ts';
import { startSmtpServer } from './smtp-server.ts';
import { findFreePort } from './port.ts';

/** A laptop's catcher forgets the oldest beyond this many. */
const KEPT_MAILS = 1_000;

export interface MailCatcherOptions {
  /** Any free port where it is missing. */
  readonly smtpPort?: number;
  /** Any free port where it is missing. */
  readonly webPort?: number;
  /** One JSON mail per line; keeps the mails across restarts. */
  readonly dataFile?: string;
}

export interface MailCatcher {
  readonly smtpUrl: string;
  readonly webUrl: string;
  /** Oldest first. */
  mails(): readonly CaughtMail[];
  /** The first mail that matches, at once where it is there. @throws after `timeoutMilliseconds`, telling what came instead */
  waitForMail(match: MailMatch, timeoutMilliseconds?: number): Promise<CaughtMail>;
  clear(): Promise<void>;
  /** The next `times` attempts fail; `to` spares all other recipients. */
  failNext(times: number, fault: MailFault, to?: string): void;
  /** Takes back the faults that haven't happened. */
  clearFaults(): void;
  stop(): Promise<void>;
}

/** Starts an SMTP server on loopback that delivers nothing and shows everything, on a web page and to tests. */
export async function startMailCatcher(options: MailCatcherOptions = {}): Promise<MailCatcher> {
  const { dataFile } = options;
  const mails = dataFile ? await readMails(dataFile) : [];
  const faults = new FaultPlan();
  const arrivals = new EventEmitter().setMaxListeners(0);

  const keep = async (mail: CaughtMail) => {
    mails.push(mail);
    mails.splice(0, mails.length - KEPT_MAILS);
    if (dataFile) await appendFile(dataFile, `${JSON.stringify(mail)}\n`);
    arrivals.emit('mail');
  };
  const clear = async () => {
    mails.length = 0;
    if (dataFile) await writeFile(dataFile, '');
  };

  const smtp = await startSmtpServer(options.smtpPort ?? (await findFreePort()), faults, keep);
  const pages = await startMailPages(options.webPort ?? (await findFreePort()), { mails: () => mails, clear }).catch(
    async (error: unknown) => {
      await smtp.stop();
      throw error;
    },
  );

  return {
    smtpUrl: `smtp://127.0.0.1:${smtp.port}`,
    webUrl: pages.url,
    mails: () => [...mails],
    waitForMail: async (match, timeoutMilliseconds = 10_000) => {
      const signal = AbortSignal.timeout(timeoutMilliseconds);
      for (;;) {
        const found = findMail(mails, match);
        if (found) return found;
        await once(arrivals, 'mail', { signal }).catch(() => {
          const came = mails.map((mail) => `${mail.kind || mail.subject} to ${mail.to.join(', ')}`).join('; ');
          const wanted = JSON.stringify({ ...match, subject: match.subject?.toString() });
          throw new Error(`No mail ${wanted} within ${timeoutMilliseconds} ms. What came: ${came || 'nothing'}`);
        });
      }
    },
    clear,
    failNext: (times, fault, to) => faults.failNext(times, fault, to),
    clearFaults: () => faults.clear(),
    stop: async () => {
      await Promise.all([smtp.stop(), pages.stop()]);
    },
  };
}

async function readMails(file: string): Promise<CaughtMail[]> {
  await mkdir(dirname(file), { recursive: true });
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean).slice(-KEPT_MAILS);
  return lines.flatMap((line) => {
    try {
      // Written by this file; a line cut off by a power cut is left out.
      const mail: CaughtMail = JSON.parse(line);
      return [mail];
    } catch {
      return [];
    }
  });
}
