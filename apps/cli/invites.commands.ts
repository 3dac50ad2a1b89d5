import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CreateInvite, InviteBatch } from '@countersign/client';
import { Command, Option, SubCommand } from 'nest-commander';
import { CommandGroup } from './cli-command.ts';
import { exitCodes } from './cli-errors.ts';
import { table, time } from './connection/print.ts';
import { OrganizationCommand, type OrganizationOptions } from './connection/service-command.ts';

interface SendOptions extends OrganizationOptions {
  name?: string;
  workspaceRole?: CreateInvite['workspaceRole'];
  administratorRole?: NonNullable<CreateInvite['administratorRoles']>;
}

@SubCommand({ name: 'send', arguments: '<address>', description: 'Invite one person' })
export class InvitesSendCommand extends OrganizationCommand {
  async run([address]: string[], options: SendOptions): Promise<void> {
    const countersign = await this.connect(options);
    const path = { organizationId: await this.organizationOf(countersign, options) };
    const { name: displayName, workspaceRole, administratorRole: administratorRoles } = options;
    const email = this.needed(address, 'the address of the person');
    const invite = await countersign.createInvite({
      path,
      body: { email, displayName, workspaceRole, administratorRoles },
    });
    this.show(options, invite, ({ id, status }) => `${id}  ${email}: ${status}`);
  }

  @Option({ flags: '--name <name>', description: 'What the person is called' })
  parseName(value: string): string {
    return value;
  }

  @Option({ flags: '--workspace-role <role>', description: 'Their workspace role' })
  parseWorkspaceRole(value: string): string {
    return value;
  }

  @Option({ flags: '--administrator-role <role>', description: 'An administrator role; may come again' })
  parseAdministratorRole(value: string, former: string[] = []): string[] {
    return [...former, value];
  }
}

@SubCommand({ name: 'list', description: 'Invites of the organization, the newest first' })
export class InvitesListCommand extends OrganizationCommand {
  async run(_: string[], options: OrganizationOptions): Promise<void> {
    const countersign = await this.connect(options);
    const path = { organizationId: await this.organizationOf(countersign, options) };
    const invites = await this.collect((cursor) => countersign.listInvites({ path, query: { cursor, limit: 100 } }));
    this.show(options, invites, () =>
      table(
        ['ID', 'STATUS', 'ADDRESS', 'UNTIL'],
        invites.map(({ id, status, email, expiresAt }) => [id, status, email, time(expiresAt)]),
      ),
    );
  }
}

const everyMilliseconds = 500;
const barWidth = 30;

/** Interrupting it stops only the showing: the service goes on. */
@SubCommand({ name: 'import', arguments: '<file>', description: 'Invite everybody in a CSV file and show how it goes' })
export class InvitesImportCommand extends OrganizationCommand {
  async run([file]: string[], options: OrganizationOptions): Promise<void> {
    const content = await readFile(this.needed(file, 'the CSV file'));
    const countersign = await this.connect(options);
    const organizationId = await this.organizationOf(countersign, options);
    let batch = await countersign.createInviteBatch({
      path: { organizationId },
      // The bytes as they are: the service judges their encoding.
      body: content as never,
      bodySerializer: null,
      headers: { 'content-type': 'text/csv' },
    });
    for (;;) {
      if (process.stderr.isTTY) process.stderr.write(`\r${bar(batch)}`);
      if (batch.status === 'finished') break;
      await sleep(everyMilliseconds);
      batch = await countersign.getInviteBatch({ path: { organizationId, batchId: batch.id } });
    }
    if (process.stderr.isTTY) process.stderr.write('\n');
    this.show(options, batch, told);
    if (batch.failed > 0) process.exitCode = exitCodes.no;
  }
}

function bar({ done, total }: InviteBatch): string {
  const filled = total === 0 ? barWidth : Math.floor((done / total) * barWidth);
  return `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${done} of ${total}`;
}

/** The sum, and every row that could not be invited with its number. */
function told({ total, invited, alreadyInvited, members, failed, rows }: InviteBatch): string {
  return [
    `${total} rows: ${invited} invited, ${alreadyInvited} invited before, ${members} members already, ${failed} not possible`,
    ...rows.map(
      ({ row, line, email, message }) =>
        `Row ${row}${line === null ? '' : ` (line ${line})`}${email ? `, ${email}` : ''}: ${message}`,
    ),
  ].join('\n');
}

@Command({
  name: 'invites',
  description: 'Invites',
  subCommands: [InvitesSendCommand, InvitesListCommand, InvitesImportCommand],
})
export class InvitesCommand extends CommandGroup {}
