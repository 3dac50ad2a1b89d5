import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Backlog } from '#decisions';
import type { Database } from '#persistence';
import { BacklogGauges } from './backlog-gauges.ts';

const figures: Backlog = {
  unsealedEvents: 7,
  oldestUnsealedSeconds: 0,
  undeliveredNudges: 0,
  oldestNudgeSeconds: 0,
  plannedMails: 0,
  oldestPlannedMailSeconds: 0,
  undeliverableMails: 0,
  liveElevations: 0,
  liveHelpDeskSessions: 0,
  pendingInvites: 0,
  failingWebhooks: 0,
  disabledWebhooks: 0,
  pending: { elevation: 4, 'change-request': 3 },
  overdue: { elevation: 0, inviteBatch: 2 },
};
let reads: number;
let read: () => Promise<Backlog>;
let gauges: BacklogGauges;

beforeEach(() => {
  reads = 0;
  read = async () => figures;
  const database: Pick<Database, 'isReachable'> & { transaction: () => Promise<Backlog> } = {
    isReachable: async () => true,
    transaction() {
      reads += 1;
      return read();
    },
  };
  gauges = new BacklogGauges(database as unknown as Database);
});

describe('gauges of the backlog', () => {
  it('ask the database once, however many look at once and soon after', async () => {
    const looks = await Promise.all([gauges.exposition(), gauges.exposition()]);
    for (const text of [...looks, await gauges.exposition()])
      expect(text).toMatch(/^countersign_audit_events_unsealed 7$/m);
    expect(reads).toBe(1);
  });

  it('tell of each flow and each workflow under one spelling', async () => {
    const text = await gauges.exposition();
    expect(text).toContain('countersign_requests_pending{kind="change_request"} 3');
    expect(text).toContain('countersign_requests_pending{kind="invite"} 0');
    expect(text).toContain('countersign_rows_overdue{kind="invite_batch"} 2');
  });

  it('are left out where they could not be read, and read again at the next look', async () => {
    read = () => Promise.reject(new Error('statement timeout'));
    const without = await gauges.exposition();
    expect(without).toContain('countersign_database_up 1');
    expect(without).not.toContain('unsealed');
    read = async () => figures;
    expect(await gauges.exposition()).toContain('countersign_audit_events_unsealed 7');
    expect(reads).toBe(2);
  });

  it('are left out where they do not come, so that the rest is told in time', async () => {
    read = () => new Promise(() => {});
    const text = await gauges.exposition();
    expect(text).toContain('countersign_database_up 1');
    expect(text).not.toContain('unsealed');
  }, 20_000);
});
