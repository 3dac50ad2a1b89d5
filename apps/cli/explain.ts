import type { CountersignProblem } from '@countersign/client';
import { exitCodes, UsageError } from './cli-errors.ts';
import { Interrupted, interruptedExitCode } from './interruption.ts';

/** By their names: what throws them is loaded only by the commands that need it. */
const selfExplaining = [
  'ConfigurationError',
  'LocalStackError',
  'UnknownSigningKeyError',
  'UnknownPayloadKeyError',
  'Interrupted',
  'UsageError',
];

/** Tells a person what went wrong. Errors that know the next step speak for themselves; others show where they come from. */
export function explain(error: unknown): void {
  // Commander has said it already.
  if (isOfCommander(error)) return;
  process.stderr.write(`\n${words(error)}\n`);
}

export function exitCodeFor(error: unknown): number {
  if (error instanceof Interrupted) return interruptedExitCode;
  if (isOfCommander(error)) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (error instanceof UsageError || hasCode(error, noSuchFile)) return exitCodes.usage;
  return isProblem(error) ? exitCodes.refused : exitCodes.wentWrong;
}

function words(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isProblem(error)) {
    const { title, next, errors = [] } = error.problem;
    return [title, ...errors.map(({ pointer, message }) => `${pointer || '/'}: ${message}`), next].join('\n');
  }
  if (hasCode(error, noSuchFile)) return `There is no file ${String(Reflect.get(error, 'path'))}`;
  if (hasCode(error, ['EISDIR'])) return 'This is a folder; name a file';
  if (error.message === 'fetch failed')
    return `Nobody answers there (${reason(error)}). Is it running, and is --url right?`;
  return isSelfExplaining(error) ? error.message : (error.stack ?? error.message);
}

const noSuchFile = ['ENOENT'];

const hasCode = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

const isProblem = (error: unknown): error is CountersignProblem =>
  error instanceof Error && error.name === 'CountersignProblem';

const isOfCommander = (error: unknown): error is Error & { exitCode: number } =>
  error instanceof Error && 'exitCode' in error && 'code' in error && String(error.code).startsWith('commander.');

const reason = ({ cause }: Error): string =>
  cause instanceof Error ? String(Reflect.get(cause, 'code') ?? '') || cause.message : 'no reason told';

function isSelfExplaining(error: Error): boolean {
  for (let kind: object | null = error; kind; kind = Object.getPrototypeOf(kind) as object | null)
    if (selfExplaining.includes(kind.constructor.name)) return true;
  return false;
}
