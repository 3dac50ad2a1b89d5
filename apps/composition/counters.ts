import { Counter } from 'prom-client';

const decisions = new Counter({
  name: 'countersign_decisions_total',
  help: 'Changes and refused privileged acts, by the action the audit trail names them with',
  labelNames: ['action', 'outcome'],
});

const unavailable = new Counter({
  name: 'countersign_unavailable_total',
  help: 'Requests that could not be served because the database was away or too much was asked at once',
});

/** Counts what went on record. */
export function countDecision(action: string, outcome: 'success' | 'refused'): void {
  decisions.inc({ action, outcome });
}

/** Counts an answer `unavailable`, be it a 503 or the evaluation's denial. */
export function countUnavailable(): void {
  unavailable.inc();
}
