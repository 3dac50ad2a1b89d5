import type { Elevation } from '@countersign/client';
import { Command, Option, SubCommand } from 'nest-commander';
import { CommandGroup } from './cli-command.ts';
import { exitCodes } from './cli-errors.ts';
import { table, time } from './connection/print.ts';
import { ServiceCommand, type ConnectionOptions } from './connection/service-command.ts';
import { seconds } from './connection/seconds.ts';

const anElevation = 'the request by its id, as `elevations list` tells it';

function inWords({ id, status, requester, customerName, reason, decideBy, grant }: Elevation): string {
  const access = grant ? `; access ${grant.status}, until ${time(grant.expiresAt)}` : '';
  const open = status === 'pending' ? `, to be decided by ${time(decideBy)}` : '';
  return `${id}\n${requester.displayName} at ${customerName}: ${status}${open}${access}\n${reason}`;
}

interface AskOptions extends ConnectionOptions {
  reason: string;
  ticket?: string;
  duration?: number;
  partner?: string;
  area?: Area[];
  wait?: boolean;
}

type Area = Elevation['areas'][number];

const moreAreas = (value: string, former: Area[] = []): Area[] => [...former, value as Area];

@SubCommand({ name: 'ask', arguments: '<customer>', description: "Ask a customer's administrators for full access" })
export class ElevationsAskCommand extends ServiceCommand {
  async run([customer]: string[], options: AskOptions): Promise<void> {
    const countersign = await this.connect(options);
    const { reason, ticket, duration: durationSeconds, partner: partnerId, area: areas } = options;
    const customerId = this.needed(customer, 'the customer by its id, as `customers` tells it');
    const asked = await countersign.requestElevation({
      body: { customerId, reason, ticket, durationSeconds, partnerId, areas },
    });
    if (!options.wait) return this.show(options, asked, inWords);
    const { untilDecided } = await import('@countersign/client');
    const decided = await untilDecided(countersign, asked.id);
    this.show(options, decided, inWords);
    if (decided.status !== 'approved') process.exitCode = exitCodes.no;
  }

  @Option({ flags: '--reason <words>', description: 'Why; the approver decides by it', required: true })
  parseReason(value: string): string {
    return value;
  }

  @Option({ flags: '--ticket <reference>', description: 'The ticket it belongs to' })
  parseTicket(value: string): string {
    return value;
  }

  @Option({ flags: '--duration <time>', description: 'How long, as 45m, 2h or seconds' })
  parseDuration(value: string): number {
    return seconds(value);
  }

  @Option({ flags: '--partner <id>', description: 'For which partner, where you help for several' })
  parsePartner(value: string): string {
    return value;
  }

  @Option({ flags: '--area <area>', description: 'Only this area, as devices; may come again' })
  parseArea(value: string, former?: Area[]): Area[] {
    return moreAreas(value, former);
  }

  @Option({ flags: '--wait', description: 'Wait for the decision; exit code 4 where it is not approved' })
  parseWait(): boolean {
    return true;
  }
}

@SubCommand({
  name: 'wait',
  arguments: '<id>',
  description: 'Wait for the decision; exit code 4 where it is not approved',
})
export class ElevationsWaitCommand extends ServiceCommand {
  async run([id]: string[], options: ConnectionOptions): Promise<void> {
    const countersign = await this.connect(options);
    const { untilDecided } = await import('@countersign/client');
    const decided = await untilDecided(countersign, this.needed(id, anElevation));
    this.show(options, decided, inWords);
    if (decided.status !== 'approved') process.exitCode = exitCodes.no;
  }
}

interface ListOptions extends ConnectionOptions {
  status?: Elevation['status'];
}

@SubCommand({ name: 'list', description: 'Requests that you may see, the newest first' })
export class ElevationsListCommand extends ServiceCommand {
  async run(_: string[], options: ListOptions): Promise<void> {
    const countersign = await this.connect(options);
    const { status } = options;
    const all = await this.collect((cursor) => countersign.listElevations({ query: { cursor, status, limit: 100 } }));
    this.show(options, all, (elevations) =>
      table(
        ['ID', 'STATUS', 'ACCESS', 'AGENT', 'CUSTOMER', 'ASKED'],
        elevations.map((one) => [
          one.id,
          one.status,
          one.grant?.status,
          one.requester.displayName,
          one.customerName,
          time(one.createdAt),
        ]),
      ),
    );
  }

  @Option({
    flags: '--status <status>',
    description: 'Only these',
    choices: ['pending', 'approved', 'denied', 'cancelled', 'expired'],
  })
  parseStatus(value: string): string {
    return value;
  }
}

@SubCommand({ name: 'approve', arguments: '<id>', description: 'Grant the access that was asked for' })
export class ElevationsApproveCommand extends ServiceCommand {
  async run([id]: string[], options: ConnectionOptions & { duration?: number; area?: Area[] }): Promise<void> {
    const countersign = await this.connect(options);
    const path = { id: this.needed(id, anElevation) };
    const body = { durationSeconds: options.duration, areas: options.area };
    this.show(options, await countersign.approveElevation({ path, body }), inWords);
  }

  @Option({ flags: '--area <area>', description: 'Only this area of those asked for; may come again' })
  parseArea(value: string, former?: Area[]): Area[] {
    return moreAreas(value, former);
  }

  @Option({ flags: '--duration <time>', description: 'Less than was asked for, as 45m, 2h or seconds' })
  parseDuration(value: string): number {
    return seconds(value);
  }
}

interface ReasonOptions extends ConnectionOptions {
  reason?: string;
}

/** Said to both sides with the decision. */
abstract class ReasonedCommand extends ServiceCommand {
  @Option({ flags: '--reason <words>', description: 'Why; both sides are told' })
  parseReason(value: string): string {
    return value;
  }
}

@SubCommand({ name: 'deny', arguments: '<id>', description: 'Refuse the access that was asked for' })
export class ElevationsDenyCommand extends ReasonedCommand {
  async run([id]: string[], options: ReasonOptions & { unexpected?: boolean }): Promise<void> {
    const countersign = await this.connect(options);
    const { reason, unexpected } = options;
    const path = { id: this.needed(id, anElevation) };
    this.show(options, await countersign.denyElevation({ path, body: { reason, unexpected } }), inWords);
  }

  @Option({ flags: '--unexpected', description: 'Nobody of us wanted help: both sides are alarmed' })
  parseUnexpected(): boolean {
    return true;
  }
}

@SubCommand({ name: 'revoke', arguments: '<id>', description: 'End the access before its time' })
export class ElevationsRevokeCommand extends ReasonedCommand {
  async run([id]: string[], options: ReasonOptions): Promise<void> {
    const countersign = await this.connect(options);
    const path = { id: this.needed(id, anElevation) };
    this.show(options, await countersign.revokeElevation({ path, body: { reason: options.reason } }), inWords);
  }
}

@SubCommand({ name: 'return', arguments: '<id>', description: 'Give your access back before its time' })
export class ElevationsReturnCommand extends ServiceCommand {
  async run([id]: string[], options: ConnectionOptions): Promise<void> {
    const countersign = await this.connect(options);
    this.show(options, await countersign.returnElevation({ path: { id: this.needed(id, anElevation) } }), inWords);
  }
}

@SubCommand({ name: 'cancel', arguments: '<id>', description: 'Withdraw your request' })
export class ElevationsCancelCommand extends ServiceCommand {
  async run([id]: string[], options: ConnectionOptions): Promise<void> {
    const countersign = await this.connect(options);
    this.show(options, await countersign.cancelElevation({ path: { id: this.needed(id, anElevation) } }), inWords);
  }
}

@Command({
  name: 'elevations',
  description: 'Requests for temporary full access at a customer',
  subCommands: [
    ElevationsAskCommand,
    ElevationsWaitCommand,
    ElevationsListCommand,
    ElevationsApproveCommand,
    ElevationsDenyCommand,
    ElevationsRevokeCommand,
    ElevationsReturnCommand,
    ElevationsCancelCommand,
  ],
})
export class ElevationsCommand extends CommandGroup {}
