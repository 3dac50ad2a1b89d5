import type { ApprovalFeature } from '#contracts';
import { changeRequestFlow } from '../change-request/flow.ts';
import { elevationFlow } from '../elevation/flow.ts';
import { externalAdministratorFlow } from '../external-administrator/flow.ts';
import type { ApprovalFlow, ApprovalRow } from './flow.ts';

type AnyFlow = ApprovalFlow<ApprovalRow, never>;

const flows: Readonly<Record<ApprovalFeature, AnyFlow>> = {
  elevation: elevationFlow,
  'external-administrator': externalAdministratorFlow,
  'change-request': changeRequestFlow,
};

/** The flow of that name. */
export const approvalFlowOf = (feature: ApprovalFeature): AnyFlow => flows[feature];

/** Every flow that asks somebody for a yes: the cascade, the constraints and the figures go through this list. */
export const approvalFlows: readonly AnyFlow[] = Object.values(flows);
