/** Resolves at Ctrl-C or SIGTERM. A second one during a slow stop ends the process at once. */
export function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    let seen = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (seen) process.exit(130);
        seen = true;
        resolve();
      });
    }
  });
}
