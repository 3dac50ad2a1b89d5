import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const lookForParentEveryMilliseconds = 1_000;

/** Exit code of a program that was told to stop, as shells count it: 128 and the number of SIGINT. */
export const interruptedExitCode = 130;

/**
 * Aborted at Ctrl-C, SIGTERM, at the end of the terminal and at the end of the npm that started us: nobody could stop us then.
 * A second signal during a slow stop ends the process at once.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted && signal !== 'SIGHUP') process.exit(interruptedExitCode);
      controller.abort(new Interrupted());
    });
  }
  // Where the terminal is gone nobody reads what we say.
  process.stdout.on('error', () => undefined);
  if (process.env['npm_lifecycle_event']) void watchParents(controller);
  return controller.signal;
}

/** Somebody stopped us before we were up. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor() {
    super('Stopped.');
  }
}

export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** npm, with a shell between it and us or without. */
async function watchParents(controller: AbortController): Promise<void> {
  const { findProcess } = await import('#local-stack');
  const parent = process.ppid;
  const grandparentOfShell = async () => {
    const found = await findProcess(parent);
    return found && /^\S*sh -c/.test(found.command) ? found.parentId : undefined;
  };
  const npm = await grandparentOfShell();
  while (!controller.signal.aborted) {
    await sleep(lookForParentEveryMilliseconds, undefined, { ref: false });
    if (process.ppid !== parent || (await grandparentOfShell()) !== npm) controller.abort(new Interrupted());
  }
}
