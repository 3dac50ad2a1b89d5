import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { Refusal } from '#contracts';

/** Why a password will not do; stable, for clients that say it in their own words. */
export type PasswordFault = 'too_short' | 'too_long' | 'too_common' | 'too_personal' | 'too_guessable';

const shortest = 8;
const longest = 200;
/** Guessing costs more with every character, so a strong start is enough; its price is bounded by it. */
const judgedCharacters = 40;
/** Hundred million guesses: zxcvbn's "safely unguessable" where tries are limited. */
const leastGuesses = 1e8;
/** What is left of a password without the names in it must be a secret of its own. */
const leastGuessesWithoutNames = 1e6;

const words: Readonly<Record<PasswordFault, string>> = {
  too_short: `It is shorter than ${shortest} characters.`,
  too_long: `It is longer than ${longest} characters.`,
  too_common: 'It is, or resembles, one of the passwords that everybody tries first.',
  too_personal: 'It is made of your own name or address, or of the name of your organization or of this service.',
  too_guessable: 'It can be guessed: add a few words that belong together only for you.',
};

/**
 * Throws `password_not_acceptable`, with the reason, for what is too short, too long, common or guessable, or made of
 * the names around the person (NIST SP 800-63B, 3.1.1.2). Judged in the form that is hashed.
 */
export async function checkPasswordStrength(password: string, names: readonly string[]): Promise<void> {
  const fault = await faultOf(password.normalize('NFKC'), ['countersign', ...names]);
  if (!fault) return;
  throw new Refusal('password_not_acceptable', {
    reason: fault.reason,
    errors: [{ pointer: '/password', message: fault.message }],
  });
}

async function faultOf(
  password: string,
  names: readonly string[],
): Promise<{ reason: PasswordFault; message: string } | null> {
  const because = (reason: PasswordFault, message = words[reason]) => ({ reason, message });
  const length = Array.from(password).length;
  if (length < shortest) return because('too_short');
  if (length > longest) return because('too_long');
  const estimator = await strengthEstimator();
  const known = partsOf(names);
  const { guesses, sequence, feedback } = estimator.check(password, known);
  const dictionaries = sequence.map((match) => String(match['dictionaryName'] ?? ''));
  if (guesses < leastGuesses) {
    if (dictionaries.includes('userInputs')) return because('too_personal');
    if (dictionaries.some((name) => name.startsWith('passwords'))) return because('too_common');
    return because('too_guessable', feedback.warning ?? words.too_guessable);
  }
  const rest = known.reduce((left, name) => left.replaceAll(name, ''), password.toLowerCase());
  if (rest.length === password.length) return null;
  const isSecret = rest !== '' && estimator.check(rest, known).guesses >= leastGuessesWithoutNames;
  return isSecret ? null : because('too_personal');
}

/** Names as they are tried: whole and word by word, in lower case, the longest first. */
function partsOf(names: readonly string[]): string[] {
  const whole = names.map((name) => name.normalize('NFKC').toLowerCase().trim());
  const parts = whole.flatMap((name) => [name, ...name.split(/[^\p{L}\p{N}]+/u)]);
  return [...new Set(parts)].filter((part) => part.length >= 3).toSorted((left, right) => right.length - left.length);
}

let estimator: Promise<ZxcvbnFactory> | undefined;

/** Loads the word lists ahead of the first password, which is judged in a transaction that must not wait for them. */
export async function prepareStrengthEstimator(): Promise<void> {
  await strengthEstimator();
}

/** The word lists take a quarter of a second and some memory: only processes in which passwords are set load them. */
function strengthEstimator(): Promise<ZxcvbnFactory> {
  estimator ??= loadEstimator();
  return estimator;
}

async function loadEstimator(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory: Estimator }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ]);
  return new Estimator({
    maxLength: judgedCharacters,
    l33tMaxSubstitutions: 16,
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    translations: english.translations,
  });
}
