import type { LoggerService } from '@nestjs/common';
import type { Log, LogLevel } from '#composition';

/**
 * What the framework and our own `Logger`s say, in the process' log. The framework's news of each route it has found is for
 * who looks for a fault.
 */
export function nestLog(log: Log): LoggerService {
  const at =
    (level: LogLevel) =>
    (message: unknown, ...more: unknown[]): void => {
      // The last is the context a Logger was made with.
      const context = more.at(-1);
      const [words, ...stack] = String(message).split('\n');
      log[level](words ?? '', {
        ...(typeof context === 'string' && { context }),
        ...(stack.length > 0 && { stack: stack.join('\n') }),
      });
    };
  return {
    log: at('debug'),
    error: at('error'),
    warn: at('warn'),
    debug: at('debug'),
    verbose: at('trace'),
    fatal: at('error'),
  };
}
