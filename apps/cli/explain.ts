import { UnknownSigningKeyError } from '#audit';
import { ConfigurationError } from '#config';
import { LocalStackError } from '#local-stack';
import { Interrupted, interruptedExitCode } from './interruption.ts';

const selfExplaining = [ConfigurationError, LocalStackError, UnknownSigningKeyError, Interrupted];

/** Tells a person what went wrong. Errors that know the next step speak for themselves; others show where they come from. */
export function explain(error: unknown): void {
  const isKnown = selfExplaining.some((kind) => error instanceof kind);
  const text = error instanceof Error ? (isKnown ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`\n${text}\n`);
}

export const exitCodeFor = (error: unknown): number => (error instanceof Interrupted ? interruptedExitCode : 1);
