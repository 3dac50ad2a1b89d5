import { describe, expect, it } from '@jest/globals';
import { findFreePort } from '#local-stack';
import { TemporalClient } from './client.ts';

describe('a client of a Temporal that is away', () => {
  it('says so, and closes in the middle of a call without ending the process', async () => {
    const temporal = TemporalClient.connect({
      temporalAddress: `127.0.0.1:${await findFreePort()}`,
      temporalNamespace: 'default',
      taskQueue: 'none',
      payloadKeys: [Buffer.alloc(32)],
    });
    expect(await temporal.isReachable()).toBe(false);
    const nudge = temporal.nudge({ workflowType: 'elevation', workflowId: 'elevation:1', rowId: '1' }, 1_000);
    const failed = expect(nudge).rejects.toThrow();
    await temporal.close();
    await failed;
  });
});
