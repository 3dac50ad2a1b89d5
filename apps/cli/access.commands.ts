import type { Countersign, Grant } from '@countersign/client';
import { Command, Option, SubCommand } from 'nest-commander';
import type { GrantReport } from '#contracts';
import { askService } from './ask-service.ts';
import { CommandGroup } from './cli-command.ts';
import { exitCodes, UsageError } from './cli-errors.ts';
import { table, time } from './connection/print.ts';
import {
  OrganizationCommand,
  ServiceCommand,
  type ConnectionOptions,
  type OrganizationOptions,
} from './connection/service-command.ts';

interface ListOptions extends OrganizationOptions {
  account?: string;
  status?: Grant['status'];
}

@SubCommand({ name: 'list', description: 'Temporary accesses that you may see, the newest first' })
export class AccessListCommand extends OrganizationCommand {
  async run(_: string[], options: ListOptions): Promise<void> {
    const countersign = await this.connect(options);
    const { organization: organizationId, account: accountId, status } = options;
    const query = { organizationId, accountId, status, limit: 100 };
    const grants = await this.collect((cursor) => countersign.listGrants({ query: { ...query, cursor } }));
    this.show(options, grants, () =>
      table(
        ['ID', 'STATUS', 'KIND', 'HOLDER', 'ORGANIZATION', 'UNTIL'],
        grants.map((one) => [
          one.id,
          one.status,
          one.kind,
          one.account.displayName,
          one.organizationId,
          time(one.endedAt ?? one.expiresAt),
        ]),
      ),
    );
  }

  @Option({ flags: '--account <id>', description: 'Only of this person' })
  parseAccount(value: string): string {
    return value;
  }

  @Option({
    flags: '--status <status>',
    description: 'Only these',
    choices: ['active', 'expired', 'revoked', 'returned', 'superseded', 'ended'],
  })
  parseStatus(value: string): string {
    return value;
  }
}

@SubCommand({
  name: 'may',
  arguments: '<action> <setting>',
  description: 'Whether somebody may do this now, as `may write devices`; exit code 4 where not',
})
export class AccessMayCommand extends OrganizationCommand {
  async run([action, setting]: string[], options: OrganizationOptions & { account?: string }): Promise<void> {
    const countersign = await this.connect(options);
    const answer = await countersign.evaluate({
      body: {
        subject: { type: 'account', id: options.account ?? (await ownAccount(countersign)) },
        action: { name: this.needed(action, 'what is to be done: read, write or use') },
        resource: {
          type: 'setting',
          id: this.needed(setting, 'the setting, as `devices`'),
          properties: { organizationId: await this.organizationOf(countersign, options) },
        },
      },
    });
    const reasons = (answer.context?.reasons ?? []).map(({ kind, id }) => `${kind} ${id}`).join(', ');
    this.show(options, answer, ({ decision }) => `${decision ? 'Yes' : 'No'}${reasons && `: ${reasons}`}`);
    if (!answer.decision) process.exitCode = exitCodes.no;
  }

  @Option({ flags: '--account <id>', description: 'Who; else yourself' })
  parseAccount(value: string): string {
    return value;
  }
}

@SubCommand({ name: 'end', arguments: '<grant>', description: 'End a temporary access before its time' })
export class AccessEndCommand extends OrganizationCommand {
  async run([id]: string[], options: OrganizationOptions & { reason?: string }): Promise<void> {
    const countersign = await this.connect(options);
    const path = { id: this.needed(id, 'the access by its id, as `access list` tells it') };
    const grant = await countersign.getGrant({ path });
    const end = { path: { id: grant.sourceId }, body: { reason: options.reason } };
    if (grant.kind === 'elevation') await countersign.revokeElevation(end);
    else if (grant.kind === 'help-desk-session') await countersign.revokeHelpDeskSession(end);
    else
      throw new UsageError(
        'An external administrator holds it until the membership is removed: countersign members remove',
      );
    const ended = await countersign.getGrant({ path });
    this.show(options, ended, ({ account, status, endedAt }) => `${account.displayName}: ${status} ${time(endedAt)}`);
  }

  @Option({ flags: '--reason <words>', description: 'Why; both sides are told' })
  parseReason(value: string): string {
    return value;
  }
}

@SubCommand({
  name: 'report',
  arguments: '<grant>',
  description: 'An access from the wish to its end: why, by whose decision, what was done, how it ended',
})
export class AccessReportCommand extends ServiceCommand {
  async run([id]: string[], options: ConnectionOptions): Promise<void> {
    const grant = this.needed(id, 'the access by its id, as `access list` tells it');
    const report: GrantReport = JSON.parse(
      await askService(options.url, `/v1/grants/${encodeURIComponent(grant)}/report`),
    );
    this.show(options, report, inWords);
  }
}

function inWords({ grant, organizationName, request, decision, use, activities, activityCount, ending }: GrantReport) {
  const acts = activities.map(({ at, action, resource, outcome }) => [
    time(at),
    action,
    `${resource.type} ${resource.id}`,
    outcome,
  ]);
  return [
    `${grant.account.displayName} at ${organizationName}: ${grant.status}, from ${time(grant.startsAt)} until ${time(grant.endedAt ?? grant.expiresAt)}`,
    `Asked    ${time(request.at)}${request.reason ? `: ${request.reason}` : ''}`,
    `Decided  ${time(decision.at)} by ${decision.by?.displayName ?? 'nobody, at once'} (${decision.right})`,
    `Used     ${use.evaluations} evaluations, ${activityCount} acts told`,
    ...(ending ? [`Ended    ${time(ending.at)}: ${ending.how}${ending.reason ? `, ${ending.reason}` : ''}`] : []),
    ...(acts.length > 0 ? ['', table(['AT', 'ACTION', 'RESOURCE', 'OUTCOME'], acts)] : []),
  ].join('\n');
}

async function ownAccount(countersign: Countersign): Promise<string> {
  const { account } = await countersign.getMe();
  if (!account) throw new UsageError('An API key is nobody: name the person with --account');
  return account.id;
}

@Command({
  name: 'access',
  description: 'Who has temporary access, and what anybody may do now',
  subCommands: [AccessListCommand, AccessMayCommand, AccessReportCommand, AccessEndCommand],
})
export class AccessCommand extends CommandGroup {}
