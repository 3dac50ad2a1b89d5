import { deriveKeys, type CompleteConfig, type Keys } from '#config';
import { onlyOnce, type Actor, type Decision, type Decisions, type Once } from '#decisions';
import { seal, unseal } from '#identity';

/** Answers that carry a token. A repeated request gets the same one, so the answer is kept; the token in it only sealed. */
export class TokenAnswers {
  private readonly keys: Keys;

  /** @param purpose what the sealing keys are for: an answer of one kind is never read as another's */
  constructor({ payloadKeys }: CompleteConfig, purpose: string) {
    this.keys = deriveKeys(payloadKeys, purpose);
  }

  async make<View extends object>(
    decisions: Decisions,
    actor: Actor,
    once: Once | null,
    work: (decision: Decision) => Promise<{ view: View; token: string }>,
  ): Promise<View & { token: string }> {
    const { view, sealedToken } = await decisions.decide(actor, (decision) =>
      onlyOnce(decision.em, once, async () => {
        const made = await work(decision);
        return { view: made.view, sealedToken: seal(this.keys, made.token) };
      }),
    );
    return { ...view, token: unseal(this.keys, sealedToken) };
  }
}
