import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findFreePort, startMailCatcher, type CaughtMail, type MailCatcher, type MailFault } from '#local-stack';
import { isThorough } from '../support/fault-trials.ts';
import { person } from '../support/cast.ts';
import { askFor, decide, setElevationStage, type ElevationStage } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import { acceptInvite, mayWrite } from '../support/people.ts';
import { trailOf } from '../support/questions.ts';
import { createWorld, type World } from '../support/world.ts';

/** Each story so often; more for a long run. */
const rounds = isThorough ? 5 : 1;
const everyRound = Array.from({ length: rounds }, (_, round) => round + 1);

let folder: string;
let options: { smtpPort: number; dataFile: string };
/** A mail server of the test's own, which it can switch off. It remembers its mails. */
let mail: MailCatcher;
let world: World;
const figures: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-mails-'));
  options = { smtpPort: await findFreePort(), dataFile: join(folder, 'mails.jsonl') };
  mail = await startMailCatcher(options);
  world = await createWorld({ environment: { SMTP_URL: mail.smtpUrl } });
}, 120_000);

afterAll(async () => {
  await world?.stop();
  await mail?.stop();
  await rm(folder, { recursive: true, force: true });
  process.stderr.write(`smtp: ${figures.join('; ')}\n`);
});

const mailsTo = (email: string, kind: string): CaughtMail[] =>
  mail.mails().filter((one) => one.to.includes(email) && one.kind === kind);

/** Messages by how often each came, told apart by Message-ID. */
function copies(mails: CaughtMail[]): number[] {
  const counts = new Map<string, number>();
  for (const { messageId } of mails) counts.set(messageId, (counts.get(messageId) ?? 0) + 1);
  return [...counts.values()];
}

const notifications = async ({ agent }: ElevationStage, id: string) =>
  (await agent.http.get(`/v1/elevations/${id}`)).body.notifications;

const untilNotified = (stage: ElevationStage, id: string, expected: object) =>
  eventually(async () => expect(await notifications(stage, id)).toEqual(expected), 30_000);

interface Invited {
  stage: ElevationStage;
  path: string;
  email: string;
}

/** The customer's administrator invites somebody whose mail goes wrong. */
async function invite(faults?: { times: number; fault: MailFault }): Promise<Invited> {
  const stage = await setElevationStage(world);
  const email = `new-${randomUUID()}@people.example`;
  if (faults) mail.failNext(faults.times, faults.fault, email);
  const invites = `/v1/organizations/${stage.customerId}/invites`;
  const invited = await stage.admin.http.post(invites, { email, displayName: 'New', workspaceRole: 'full_access' });
  expect(invited).toMatchObject({ status: 201, body: { status: 'pending' } });
  return { stage, path: `${invites}/${invited.body.id}`, email };
}

const viewOf = async ({ stage, path }: Invited) => (await stage.admin.http.get(path)).body;

/** The mail is there, and what it leads to works. */
async function accept({ stage, email }: Invited): Promise<void> {
  const accepted = await acceptInvite({ ...world, mail }, email, 'New', stage.customerId);
  expect((await accepted.http.get('/v1/me')).status).toBe(200);
}

describe.each(everyRound)('a mail server, round %i', () => {
  it('that is down holds up nobody: people are asked, decide and work, and the mails come when it is back', async () => {
    const decided = await setElevationStage(world);
    const open = await setElevationStage(world);
    await mail.stop();
    const decidedId = await askFor(decided);
    const openId = await askFor(open);
    const invited = await invite();
    await untilNotified(decided, decidedId, { planned: 2, sent: 0, undeliverable: 0 });
    expect(await viewOf(invited)).toMatchObject({ status: 'pending', failure: null });

    await decide(decided.admin, decidedId, 'approve');
    expect(await mayWrite(decided.agent, decided.customerId)).toBe(true);
    await decide(decided.secondAdmin, decidedId, 'revoke');
    expect(await mayWrite(decided.agent, decided.customerId)).toBe(false);
    // So long that it was tried more than once.
    await sleep(3_000);

    mail = await startMailCatcher(options);
    const returned = performance.now();
    await untilNotified(open, openId, { planned: 0, sent: 2, undeliverable: 0 });
    await accept(invited);
    await eventually(async () => expect((await notifications(decided, decidedId)).planned).toBe(0), 30_000);
    figures.push(`down: every mail out ${((performance.now() - returned) / 1000).toFixed(1)} s after its return`);
    for (const { email } of [open.admin, open.secondAdmin])
      expect(copies(mailsTo(email, 'elevation.requested'))).toEqual([1]);
    expect(copies(mailsTo(invited.email, 'invite.sign-up'))).toEqual([1]);
    // Nobody is asked about what has been decided; that it was, is told.
    expect(mailsTo(decided.admin.email, 'elevation.requested')).toEqual([]);
    expect(copies(mailsTo(decided.agent.email, 'elevation.approved'))).toEqual([1]);
    expect(copies(mailsTo(decided.agent.email, 'elevation.ended'))).toEqual([1]);
  }, 90_000);

  it('that says "later" is asked again until it takes the mail, once', async () => {
    const stage = await setElevationStage(world);
    mail.failNext(2, 'reject-4xx', stage.admin.email);
    const [id, invited] = [await askFor(stage), await invite({ times: 2, fault: 'reject-4xx' })];
    await untilNotified(stage, id, { planned: 1, sent: 1, undeliverable: 0 });
    expect(await viewOf(invited)).toMatchObject({ status: 'pending', failure: null });
    // Who has the mail need not wait for who has it not.
    await untilNotified(stage, id, { planned: 0, sent: 2, undeliverable: 0 });
    await decide(stage.admin, id, 'approve');
    expect(await mayWrite(stage.agent, stage.customerId)).toBe(true);
    await accept(invited);
    expect(copies(mailsTo(stage.admin.email, 'elevation.requested'))).toEqual([1]);
    expect(copies(mailsTo(invited.email, 'invite.sign-up'))).toEqual([1]);
    figures.push('4xx: 4 refusals, 0 mails lost, 0 doubled');
  }, 90_000);

  it('that says "never" about an elevation: shown, decided nevertheless, and sent again when asked for', async () => {
    const stage = await setElevationStage(world);
    const people = [stage.admin, stage.secondAdmin];
    for (const { email } of people) mail.failNext(1, 'reject-5xx', email);
    const id = await askFor(stage);
    await untilNotified(stage, id, { planned: 0, sent: 0, undeliverable: 2 });
    const resend = async () => {
      const resent = await stage.agent.http.post(`/v1/elevations/${id}/resend`);
      expect(resent).toMatchObject({ status: 200, body: { id, status: 'pending' } });
    };

    const stranger = await person(world, 'Stranger', []);
    expect((await stranger.http.post(`/v1/elevations/${id}/resend`)).status).toBe(404);
    // Only one of the two mailboxes has been mended.
    mail.failNext(1, 'reject-5xx', stage.secondAdmin.email);
    await resend();
    await untilNotified(stage, id, { planned: 0, sent: 1, undeliverable: 1 });
    await resend();
    await untilNotified(stage, id, { planned: 0, sent: 2, undeliverable: 0 });
    // There is nothing left to repair, and so nothing happens.
    await resend();
    await decide(stage.secondAdmin, id, 'approve');
    expect(await mayWrite(stage.agent, stage.customerId)).toBe(true);
    await eventually(() => expect(mailsTo(stage.agent.email, 'elevation.approved')).toHaveLength(1));
    for (const { email } of people) expect(copies(mailsTo(email, 'elevation.requested'))).toEqual([1]);
    await eventually(async () =>
      expect(await trailOf(stage.admin.http, stage.customerId, id)).toEqual([
        'elevation.requested',
        'elevation.mails-resent',
        'elevation.mails-resent',
        'elevation.approved',
        'elevation.used',
      ]),
    );
    figures.push('5xx at an elevation: 3 refusals shown, 2 mails repaired, 0 doubled');
  }, 90_000);

  it('that says "never" about the news of a decision: shown after all is over, and repaired all the same', async () => {
    const stage = await setElevationStage(world);
    const id = await askFor(stage);
    await untilNotified(stage, id, { planned: 0, sent: 2, undeliverable: 0 });
    mail.failNext(1, 'reject-5xx', stage.agent.email);
    await decide(stage.admin, id, 'deny');
    await untilNotified(stage, id, { planned: 0, sent: 3, undeliverable: 1 });
    expect((await stage.admin.http.post(`/v1/elevations/${id}/resend`)).status).toBe(200);
    await untilNotified(stage, id, { planned: 0, sent: 4, undeliverable: 0 });
    expect(copies(mailsTo(stage.agent.email, 'elevation.denied'))).toEqual([1]);
  }, 60_000);

  it('that says "never" about an invite: failed, its inviter told, and repaired by a new link', async () => {
    const invited = await invite({ times: 1, fault: 'reject-5xx' });
    const { stage, path, email } = invited;
    await mail.waitForMail({ to: stage.admin.email, kind: 'invite.failed' }, 30_000);
    expect(await viewOf(invited)).toMatchObject({
      status: 'failed',
      failure: 'undeliverable',
      mails: expect.arrayContaining([{ kind: 'invite.sign-up', status: 'undeliverable' }]),
    });
    // Nothing else waits for it.
    await decide(stage.admin, await askFor(stage), 'approve');
    expect(await mayWrite(stage.agent, stage.customerId)).toBe(true);

    expect(await stage.admin.http.post(`${path}/resend`)).toMatchObject({ status: 200, body: { status: 'pending' } });
    await accept(invited);
    expect(await viewOf(invited)).toMatchObject({ status: 'accepted', failure: null });
    expect(copies(mailsTo(email, 'invite.sign-up'))).toEqual([1]);
    figures.push('5xx at an invite: failed, repaired, accepted');
  }, 60_000);

  it('that hangs up after it has taken the mail: it comes twice, as one and the same mail, and never a third time', async () => {
    const stage = await setElevationStage(world);
    // The second try follows at once, the third after a while.
    mail.failNext(2, 'drop-after-data', stage.admin.email);
    const [id, invited] = [await askFor(stage), await invite({ times: 1, fault: 'drop-after-data' })];
    await eventually(() => expect(mailsTo(stage.admin.email, 'elevation.requested').length).toBe(2));
    // Decided before the third.
    await decide(stage.secondAdmin, id, 'approve');
    expect(await mayWrite(stage.agent, stage.customerId)).toBe(true);
    await eventually(async () => expect((await notifications(stage, id)).planned).toBe(0), 30_000);
    await eventually(() => expect(copies(mailsTo(invited.email, 'invite.sign-up'))).toEqual([2]), 30_000);
    await accept(invited);

    const again = await setElevationStage(world);
    mail.failNext(1, 'drop-after-data', again.admin.email);
    const openId = await askFor(again);
    await untilNotified(again, openId, { planned: 0, sent: 2, undeliverable: 0 });
    expect(copies(mailsTo(again.admin.email, 'elevation.requested'))).toEqual([2]);
    expect(copies(mailsTo(again.secondAdmin.email, 'elevation.requested'))).toEqual([1]);
    // What had been decided before the third try was not asked about again.
    expect(copies(mailsTo(stage.admin.email, 'elevation.requested'))).toEqual([2]);
    await sleep(3_000);
    expect(copies(mailsTo(invited.email, 'invite.sign-up'))).toEqual([2]);
    expect(copies(mailsTo(again.admin.email, 'elevation.requested'))).toEqual([2]);
    figures.push('dropped after DATA: 2 doubles, each with its own Message-ID, no third');
  }, 90_000);
});
