import { UnknownSigningKeyError } from '#audit';
import { ConfigurationError } from '#config';
import { PortTakenError, PostgresUnavailableError, StackInUseError, TemporalUnavailableError } from '#local-stack';

const selfExplaining = [
  ConfigurationError,
  PortTakenError,
  PostgresUnavailableError,
  StackInUseError,
  TemporalUnavailableError,
  UnknownSigningKeyError,
];

/** Tells a person what went wrong. Errors that know the next step speak for themselves; others show where they come from. */
export function explain(error: unknown): void {
  const isKnown = selfExplaining.some((kind) => error instanceof kind);
  const text = error instanceof Error ? (isKnown ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`\n${text}\n`);
}
