import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { readBacklog, type Backlog } from '#decisions';
import { Database } from '#persistence';

type Figures = Omit<Backlog, 'pending' | 'overdue'>;

/** `inviteBatch` and `external-administrator` as values of labels are written. */
const spelled = (names: Readonly<Record<string, number>>) =>
  Object.fromEntries(
    Object.entries(names).map(([name, count]) => [
      name.replaceAll('-', '_').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      count,
    ]),
  );

interface GaugeOfBacklog {
  name: string;
  help: string;
  /** One figure, or one for each value of the label. */
  figures: keyof Figures | { label: string; of: (backlog: Backlog) => Readonly<Record<string, number>> };
}

const gauges: readonly GaugeOfBacklog[] = [
  {
    name: 'countersign_audit_events_unsealed',
    help: 'Audit events without a place in their chains yet',
    figures: 'unsealedEvents',
  },
  {
    name: 'countersign_audit_events_unsealed_oldest_seconds',
    help: 'Age of the oldest of them',
    figures: 'oldestUnsealedSeconds',
  },
  {
    name: 'countersign_workflow_nudges_undelivered',
    help: 'Workflows that do not know yet that their row changed',
    figures: 'undeliveredNudges',
  },
  {
    name: 'countersign_workflow_nudges_oldest_seconds',
    help: 'How long the oldest of them has waited',
    figures: 'oldestNudgeSeconds',
  },
  {
    name: 'countersign_mails',
    help: 'Mails that are to be sent, or were given up and not tried anew',
    figures: {
      label: 'status',
      of: ({ plannedMails, undeliverableMails }) => ({ planned: plannedMails, undeliverable: undeliverableMails }),
    },
  },
  {
    name: 'countersign_mails_oldest_planned_seconds',
    help: 'How long the oldest mail that is to be sent has waited',
    figures: 'oldestPlannedMailSeconds',
  },
  {
    name: 'countersign_rows_overdue',
    help: 'Rows whose time came half a minute ago and that nothing was done about',
    figures: {
      label: 'kind',
      of: ({ overdue }) => spelled(overdue),
    },
  },
  {
    name: 'countersign_grants_live',
    help: 'Temporary access that holds now',
    figures: {
      label: 'kind',
      of: ({ liveElevations, liveHelpDeskSessions }) => ({
        elevation: liveElevations,
        help_desk_session: liveHelpDeskSessions,
      }),
    },
  },
  {
    name: 'countersign_requests_pending',
    help: 'What waits for somebody to decide and is not overdue',
    figures: {
      label: 'kind',
      of: ({ pending, pendingInvites }) => ({ ...spelled(pending), invite: pendingInvites }),
    },
  },
  {
    name: 'countersign_webhooks',
    help: 'Webhooks whose last attempt failed, and those the service has disabled',
    figures: {
      label: 'state',
      of: ({ failingWebhooks, disabledWebhooks }) => ({ failing: failingWebhooks, disabled: disabledWebhooks }),
    },
  },
];

/** Milliseconds the figures stand: /metrics answers everybody, the database must not be asked as often. */
const keptFor = 10_000;
/** Milliseconds until a scrape goes without them: Prometheus gives up after ten seconds, and with it all there is. */
const longestWait = 3_000;

/** The state of the service as gauges, read when somebody looks. Every API tells the same numbers. */
@Injectable()
export class BacklogGauges {
  private last: { figures: Promise<Backlog>; readAt: number } | null = null;

  constructor(private readonly database: Database) {}

  /** In Prometheus' text format, within seconds. Without the database: that it is away, and nothing about what is in it. */
  async exposition(): Promise<string> {
    const isUp = await this.database.isReachable();
    const backlog = isUp ? await this.figuresInTime() : null;
    const registry = new Registry();
    const registers = [registry];
    new Gauge({ name: 'countersign_database_up', help: 'Whether the database answers', registers }).set(isUp ? 1 : 0);
    if (backlog) for (const gauge of gauges) show(gauge, backlog, registry);
    return registry.metrics();
  }

  private async figuresInTime(): Promise<Backlog | null> {
    const inTime = new AbortController();
    const late = sleep(longestWait, null, { signal: inTime.signal }).catch(() => null);
    const figures = this.figures().catch(() => null);
    return Promise.race([figures, late]).finally(() => inTime.abort());
  }

  private figures(): Promise<Backlog> {
    const now = performance.now();
    if (this.last && now - this.last.readAt < keptFor) return this.last.figures;
    const reading = { figures: readBacklog(this.database), readAt: now };
    this.last = reading;
    // What could not be read is read again at the next look.
    reading.figures.catch(() => {
      if (this.last === reading) this.last = null;
    });
    return reading.figures;
  }
}

function show({ name, help, figures }: GaugeOfBacklog, backlog: Backlog, registry: Registry): void {
  const registers = [registry];
  if (typeof figures === 'string') return new Gauge({ name, help, registers }).set(backlog[figures]);
  const gauge = new Gauge({ name, help, registers, labelNames: [figures.label] });
  for (const [value, count] of Object.entries(figures.of(backlog))) gauge.set({ [figures.label]: value }, count);
}
