import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { assertPortFree, findFreePort, isPortFree, PortTakenError } from './index.ts';

async function withTakenPort(host: string, story: (port: number) => Promise<void>): Promise<void> {
  const port = await findFreePort();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, host, resolve));
  try {
    await story(port);
  } finally {
    await new Promise((resolve) => other.close(resolve));
  }
}

describe('a port', () => {
  it('that is taken is told by its number and the variable that moves it', async () => {
    await withTakenPort('127.0.0.1', async (port) => {
      const error = await assertPortFree(port, 'PORT').catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(PortTakenError);
      expect(String(error)).toContain(`Port ${port} is taken by another program. Stop that program, or set PORT`);
    });
  });

  it('is taken as well by a program that listens on every address', async () => {
    await withTakenPort('0.0.0.0', async (port) => expect(await isPortFree(port)).toBe(false));
  });

  it('that is preferred is used when it is free, and gives way when it is not', async () => {
    const free = await findFreePort();
    expect(await findFreePort(free)).toBe(free);
    await withTakenPort('127.0.0.1', async (port) => expect(await findFreePort(port)).not.toBe(port));
  });
});
