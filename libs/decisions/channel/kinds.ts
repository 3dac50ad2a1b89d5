import { approvalFeatures, type ApprovalFeature } from '#contracts';

export const everyKind: readonly ApprovalFeature[] = Object.values(approvalFeatures);

/** What is told of a request: that somebody asks, and how it went. */
export const toldVerbs = ['requested', 'approved', 'denied', 'cancelled', 'expired'] as const;

export const actionsOf = (kinds: readonly ApprovalFeature[]): string[] =>
  kinds.flatMap((kind) => toldVerbs.map((verb) => `${kind}.${verb}`));

export const kindsOf = (actions: readonly string[] | null | undefined): ApprovalFeature[] =>
  everyKind.filter((kind) => actions?.includes(`${kind}.requested`));
