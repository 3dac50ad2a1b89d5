import type { MailCatcher } from '#local-stack';
import { DemoClient, ProblemAnswer } from './client.ts';
import { DemoCast } from './people.ts';

/** What the scenes play on: the public API, the mails, and a narrator. */
export interface Stage {
  visitor: DemoClient;
  support: DemoClient;
  cast: DemoCast;
  mails: MailCatcher;
  /** A new part of the story. */
  scene: (title: string) => void;
  /** One line of the timeline: who, and what happened. */
  tell: (who: string, what: string) => void;
  /** Waits for the mail and tells of it. */
  mailArrives: (to: string, kind: string) => Promise<void>;
  /** Does what must be refused, and tells how; the story ends where it is not. */
  refused: (who: string, what: string, act: () => Promise<unknown>) => Promise<void>;
}

export interface StageParts {
  url: string;
  supportToken: string;
  mails: MailCatcher;
  say: (line: string) => void;
}

export function openStage({ url, supportToken, mails, say }: StageParts): Stage {
  const visitor = new DemoClient(url);
  const begun = Date.now();
  const tell = (who: string, what: string): void => {
    const seconds = ((Date.now() - begun) / 1000).toFixed(1).padStart(5);
    say(`${seconds} s  ${who.padEnd(14)}${what}`);
  };
  return {
    visitor,
    support: visitor.as(supportToken),
    cast: new DemoCast(visitor, mails),
    mails,
    scene: (title) => say(`\n${title}\n${'─'.repeat(title.length)}`),
    tell,
    async mailArrives(to, kind) {
      const mail = await mails.waitForMail({ to, kind }, 30_000);
      tell('mail', `to ${to}: “${mail.subject}”`);
    },
    async refused(who, what, act) {
      try {
        await act();
      } catch (error) {
        if (!(error instanceof ProblemAnswer)) throw error;
        tell(who, `${what} → refused, ${error.status} ${error.code}`);
        return;
      }
      throw new Error(`${who}: ${what} should have been refused`);
    },
  };
}
