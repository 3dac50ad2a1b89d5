import { Command, Option } from 'nest-commander';
import { table, time } from './connection/print.ts';
import { OrganizationCommand, type OrganizationOptions } from './connection/service-command.ts';

@Command({ name: 'customers', description: 'Customers of your organization' })
export class CustomersCommand extends OrganizationCommand {
  async run(_: string[], options: OrganizationOptions & { query?: string }): Promise<void> {
    const countersign = await this.connect(options);
    const path = { organizationId: await this.organizationOf(countersign, options) };
    const customers = await this.collect((cursor) =>
      countersign.listCustomers({ path, query: { cursor, limit: 100, query: options.query } }),
    );
    this.show(options, customers, () =>
      table(
        ['ID', 'NAME', 'ASSIGNED', 'RESTRICTED MODE', 'SINCE'],
        customers.map(({ id, name, assigned, restrictedMode, since }) => [
          id,
          name,
          assigned ? 'to you' : '–',
          restrictedMode ? 'on' : 'off',
          time(since),
        ]),
      ),
    );
  }

  @Option({ flags: '--query <words>', description: 'Only those whose name or domain has this' })
  parseQuery(value: string): string {
    return value;
  }
}
