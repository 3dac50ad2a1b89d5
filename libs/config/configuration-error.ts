/** One variable of the environment that is missing or wrong, and what to do about it. */
export interface ConfigurationProblem {
  readonly variable: string;
  readonly problem: string;
  readonly nextStep: string;
}

/** The environment doesn't do: every problem at once, so that nobody mends one variable per start. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly problems: readonly ConfigurationProblem[]) {
    const lines = problems.map(({ variable, problem, nextStep }) => `  ${variable} ${problem}. ${nextStep}`);
    super(['The configuration is not complete:', ...lines].join('\n'));
  }

  /** The names of all variables concerned, in the order of the schema. */
  get variables(): string[] {
    return this.problems.map(({ variable }) => variable);
  }
}
