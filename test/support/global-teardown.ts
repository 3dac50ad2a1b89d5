import { once } from 'node:events';

/** Ends what global-setup started, and waits for it. */
export default async function stopTestServers(): Promise<void> {
  const servers = globalThis.countersignTestServers;
  if (!servers || servers.exitCode !== null) return;
  const ended = once(servers, 'exit');
  servers.disconnect();
  await ended;
}
