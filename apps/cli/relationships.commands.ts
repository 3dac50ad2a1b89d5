import { Command, SubCommand } from 'nest-commander';
import { CommandGroup } from './cli-command.ts';
import { table, time } from './connection/print.ts';
import { OrganizationCommand, type OrganizationOptions } from './connection/service-command.ts';

@SubCommand({ name: 'list', description: 'Partners and customers of an organization, and until when' })
export class RelationshipsListCommand extends OrganizationCommand {
  async run(_: string[], options: OrganizationOptions): Promise<void> {
    const countersign = await this.connect(options);
    const path = { organizationId: await this.organizationOf(countersign, options) };
    const all = await this.collect((cursor) => countersign.listRelationships({ path, query: { cursor, limit: 100 } }));
    this.show(options, all, () =>
      table(
        ['ID', 'PARTNER', 'CUSTOMER', 'ORIGIN', 'SINCE', 'UNTIL'],
        all.map(({ id, partnerName, customerName, origin, activeFrom, activeUntil }) => [
          id,
          partnerName,
          customerName,
          origin,
          time(activeFrom),
          time(activeUntil),
        ]),
      ),
    );
  }
}

@SubCommand({
  name: 'renew',
  arguments: '<relationship> <until>',
  description: 'Let a partner stay until then: a date means its end',
})
export class RelationshipsRenewCommand extends OrganizationCommand {
  async run([id, date]: string[], options: OrganizationOptions): Promise<void> {
    const countersign = await this.connect(options);
    const organizationId = await this.organizationOf(countersign, options);
    const relationshipId = this.needed(id, 'the relationship by its id, as `relationships list` tells it');
    const until = this.needed(date, 'until when, as 2027-11-22');
    const renewed = await countersign.renewRelationship({ path: { organizationId, relationshipId }, body: { until } });
    this.show(
      options,
      renewed,
      ({ partnerName, activeUntil }) => `Renewed: ${partnerName} stays until ${time(activeUntil)}`,
    );
  }
}

@Command({
  name: 'relationships',
  description: 'Which partners an organization has, and until when',
  subCommands: [RelationshipsListCommand, RelationshipsRenewCommand],
})
export class RelationshipsCommand extends CommandGroup {}
