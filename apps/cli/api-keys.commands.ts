import type { CreateApiKey } from '@countersign/client';
import { Command, Option, SubCommand } from 'nest-commander';
import { CommandGroup } from './cli-command.ts';
import { print, table, time } from './connection/print.ts';
import { OrganizationCommand, type OrganizationOptions } from './connection/service-command.ts';

@SubCommand({ name: 'list', description: 'Keys of the organization, used or ended' })
export class ApiKeysListCommand extends OrganizationCommand {
  async run(_: string[], options: OrganizationOptions): Promise<void> {
    const countersign = await this.connect(options);
    const path = { organizationId: await this.organizationOf(countersign, options) };
    const keys = await this.collect((cursor) => countersign.listApiKeys({ path, query: { cursor, limit: 100 } }));
    this.show(options, keys, () =>
      table(
        ['ID', 'NAME', 'ROLES', 'MADE BY', 'MADE', 'ENDED'],
        keys.map(({ id, name, workspaceRole, administratorRoles, createdBy, createdAt, revokedAt }) => [
          id,
          name,
          [workspaceRole, ...administratorRoles].filter(Boolean).join(', '),
          createdBy?.displayName,
          time(createdAt),
          time(revokedAt),
        ]),
      ),
    );
  }
}

interface CreateOptions extends OrganizationOptions {
  workspaceRole?: CreateApiKey['workspaceRole'];
  administratorRole?: NonNullable<CreateApiKey['administratorRoles']>;
}

/** The token is told once, on standard output alone, so that it can be piped to where it is kept. */
@SubCommand({ name: 'create', arguments: '<name>', description: 'Make a key and print its token, once' })
export class ApiKeysCreateCommand extends OrganizationCommand {
  async run([name]: string[], options: CreateOptions): Promise<void> {
    const countersign = await this.connect(options);
    const path = { organizationId: await this.organizationOf(countersign, options) };
    const { workspaceRole, administratorRole: administratorRoles } = options;
    const body = { name: this.needed(name, 'the service that will use it'), workspaceRole, administratorRoles };
    this.show(options, await countersign.createApiKey({ path, body }), ({ token }) => token);
  }

  @Option({ flags: '--workspace-role <role>', description: 'Its workspace role' })
  parseWorkspaceRole(value: string): string {
    return value;
  }

  @Option({ flags: '--administrator-role <role>', description: 'An administrator role of it; may come again' })
  parseAdministratorRole(value: string, former: string[] = []): string[] {
    return [...former, value];
  }
}

@SubCommand({ name: 'revoke', arguments: '<key>', description: 'End a key at once' })
export class ApiKeysRevokeCommand extends OrganizationCommand {
  async run([key]: string[], options: OrganizationOptions): Promise<void> {
    const countersign = await this.connect(options);
    const organizationId = await this.organizationOf(countersign, options);
    const apiKeyId = this.needed(key, 'the key by its id, as `api-keys list` tells it');
    await countersign.revokeApiKey({ path: { organizationId, apiKeyId } });
    print('Revoked.');
  }
}

@Command({
  name: 'api-keys',
  description: 'Keys that services call with',
  subCommands: [ApiKeysListCommand, ApiKeysCreateCommand, ApiKeysRevokeCommand],
})
export class ApiKeysCommand extends CommandGroup {}
