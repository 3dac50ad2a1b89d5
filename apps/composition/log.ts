import { AsyncLocalStorage } from 'node:async_hooks';
import { pino, type DestinationStream } from 'pino';
import type { Config } from '#config';

/** Beside the words: ids, counts and kinds, never what people are called or wrote. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

export type Log = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

const surroundings = new AsyncLocalStorage<LogFields>();

/** Whatever is logged within the work, however deep, carries the fields. */
export const loggingWith = <T>(fields: LogFields, work: () => T): T => surroundings.run(fields, work);

/** What the present work is logged with. */
export const loggedWith = (): LogFields => surroundings.getStore() ?? {};

/**
 * The log of a process, on standard output: JSON, a line each, by which machines read; on a laptop words alone. Levels
 * below LOG_LEVEL cost nothing. Written before the call returns, so that last words are not lost.
 */
export function createLog(
  { logLevel, nodeEnv }: Pick<Config, 'logLevel' | 'nodeEnv'>,
  service: string,
  destination: DestinationStream = nodeEnv === 'development' ? inWords : pino.destination({ dest: 1, sync: true }),
): Log {
  const logger = pino(
    {
      level: logLevel,
      base: { service },
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: loggedWith,
    },
    destination,
  );
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) =>
      logger[level](fields, message);
  return { trace: at('trace'), debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

const inWords: DestinationStream = {
  write(line) {
    const { level, message, stack } = JSON.parse(line) as { level: string; message: string; stack?: string };
    process.stdout.write(`${level === 'info' ? '' : `${level}: `}${message}${stack ? `\n${stack}` : ''}\n`);
  },
};
