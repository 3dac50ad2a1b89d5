import { deriveKey, type CompleteConfig } from '#config';
import { onlyOnce, type Actor, type Decision, type Decisions, type Once } from '#decisions';
import { seal, unseal } from '#identity';

/** Answers that carry a token. A repeated request gets the same one, so the answer is kept; the token in it only sealed. */
export class TokenAnswers {
  private readonly key: Buffer;

  /** @param purpose what the sealing key is for: an answer of one kind is never read as another's */
  constructor({ payloadKey }: CompleteConfig, purpose: string) {
    this.key = deriveKey(payloadKey, purpose);
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
        return { view: made.view, sealedToken: seal(this.key, made.token) };
      }),
    );
    return { ...view, token: unseal(this.key, sealedToken) };
  }
}
