import {
  eligibleApprovers,
  fullAdministratorsOf,
  type ApprovalFlow,
  type ApprovalRow,
  type CaseFlow,
} from '#decisions';
import { databaseNow, MailDelivery, type EntityManager } from '#persistence';
import { person, type Addressees } from './concern.ts';

/** Whom a mail about a case goes to, as account ids. */
export type Choice<Row> = (em: EntityManager, row: Row) => Promise<string[]>;

/** The recipients of a flow's mails, by the side they stand on. */
export interface Recipients<Row> {
  /** Who asks, or looks in. */
  requester: Choice<Row>;
  decidingSide: Choice<Row>;
  askingSide: Choice<Row>;
  /** Everybody named by these choices, each once. */
  to: (...choices: Choice<Row>[]) => (em: EntityManager, rowId: string) => Promise<Addressees>;
}

/** `seenBy`: the organizations that see whether the mails arrived; both sides, unless the flow conceals one. */
export function recipientsOf<Row extends { id: string }>(
  flow: CaseFlow<Row>,
  seenBy: (row: Row) => string[] = (row) => sidesOf(flow, row),
): Recipients<Row> {
  const administratorsOf = async (em: EntityManager, organizationId: string | null) =>
    organizationId === null ? [] : fullAdministratorsOf(em, organizationId);
  return {
    requester: async (_em, row) => [flow.parties(row).requesterId],
    decidingSide: (em, row) => administratorsOf(em, flow.parties(row).organizationId),
    askingSide: (em, row) => administratorsOf(em, flow.parties(row).partnerId),
    to:
      (...choices) =>
      async (em, rowId) => {
        const row = await em.findOneOrFail(flow.entity, { id: rowId } as never);
        const chosen: string[] = [];
        for (const choose of choices) chosen.push(...(await choose(em, row)));
        return { recipients: [...new Set(chosen)].map(person), organizationIds: seenBy(row) };
      },
  };
}

/** As `recipientsOf`, with those who are asked and those who were. */
export function recipientsOfApproval<Row extends ApprovalRow>(
  flow: ApprovalFlow<Row, never>,
  seenBy?: (row: Row) => string[],
) {
  const approvers: Choice<Row> = async (em, row) =>
    (await eligibleApprovers(em, flow, flow.parties(row), await databaseNow(em))).map(({ id }) => id);
  /** Whoever was asked is told how it went on, except who decided. */
  const othersAsked: Choice<Row> = async (em, { id, decidedById }) => {
    const kind = { $in: [`${flow.feature}.requested`, `${flow.feature}.reminder`] };
    const asked = await em.find(MailDelivery, { rowId: id, kind });
    return asked.flatMap(({ accountId }) => (accountId && accountId !== decidedById ? [accountId] : []));
  };
  return { ...recipientsOf(flow, seenBy), approvers, othersAsked };
}

function sidesOf<Row extends { id: string }>(flow: CaseFlow<Row>, row: Row): string[] {
  const { organizationId, partnerId } = flow.parties(row);
  return [organizationId, partnerId].filter((id) => id !== null);
}
