import { Command, SubCommand } from 'nest-commander';
import { CommandGroup } from './cli-command.ts';
import { print, table } from './connection/print.ts';
import { OrganizationCommand, type OrganizationOptions } from './connection/service-command.ts';

@SubCommand({ name: 'list', description: 'Organizations that you may see' })
export class OrganizationsListCommand extends OrganizationCommand {
  async run(_: string[], options: OrganizationOptions): Promise<void> {
    const countersign = await this.connect(options);
    const all = await this.collect((cursor) => countersign.listOrganizations({ query: { cursor, limit: 100 } }));
    this.show(options, all, () =>
      table(
        ['ID', 'KIND', 'NAME', 'SIGN-IN'],
        all.map(({ id, kind, name, loginMethods }) => [id, kind, name, loginMethods.join(', ')]),
      ),
    );
  }
}

@SubCommand({ name: 'show', arguments: '[id]', description: 'One organization with its policy' })
export class OrganizationsShowCommand extends OrganizationCommand {
  async run([id]: string[], options: OrganizationOptions): Promise<void> {
    const countersign = await this.connect(options);
    const path = { id: id ?? (await this.organizationOf(countersign, options)) };
    print(JSON.stringify(await countersign.getOrganization({ path }), null, 2));
  }
}

@Command({
  name: 'organizations',
  description: 'Partners and their customers',
  subCommands: [OrganizationsListCommand, OrganizationsShowCommand],
})
export class OrganizationsCommand extends CommandGroup {}
