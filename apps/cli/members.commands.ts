import { Command, Option, SubCommand } from 'nest-commander';
import { CommandGroup } from './cli-command.ts';
import { print, table } from './connection/print.ts';
import { OrganizationCommand, type OrganizationOptions } from './connection/service-command.ts';

@SubCommand({ name: 'list', description: 'Who belongs to the organization, with their roles' })
export class MembersListCommand extends OrganizationCommand {
  async run(_: string[], options: OrganizationOptions & { query?: string }): Promise<void> {
    const countersign = await this.connect(options);
    const path = { organizationId: await this.organizationOf(countersign, options) };
    const members = await this.collect((cursor) =>
      countersign.listMembers({ path, query: { cursor, limit: 100, query: options.query } }),
    );
    this.show(options, members, () =>
      table(
        ['ID', 'NAME', 'ADDRESS', 'KIND', 'ROLES'],
        members.map(({ id, account, kind, workspaceRole, administratorRoles }) => [
          id,
          account.displayName,
          account.email,
          kind,
          [workspaceRole, ...administratorRoles].filter(Boolean).join(', '),
        ]),
      ),
    );
  }

  @Option({ flags: '--query <words>', description: 'Only those whose name or address has this' })
  parseQuery(value: string): string {
    return value;
  }
}

@SubCommand({ name: 'remove', arguments: '<member>', description: 'End a membership, with all that came by it' })
export class MembersRemoveCommand extends OrganizationCommand {
  async run([member]: string[], options: OrganizationOptions): Promise<void> {
    const countersign = await this.connect(options);
    const organizationId = await this.organizationOf(countersign, options);
    const memberId = this.needed(member, 'the member by its id, as `members list` tells it');
    await countersign.removeMember({ path: { organizationId, memberId } });
    print('Removed.');
  }
}

@Command({
  name: 'members',
  description: 'Members of an organization',
  subCommands: [MembersListCommand, MembersRemoveCommand],
})
export class MembersCommand extends CommandGroup {}
