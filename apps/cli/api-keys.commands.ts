import type { CreateApiKey } from '@countersign/client';
import { Command, Option, SubCommand } from 'nest-commander';
import { CommandGroup } from './cli-command.ts';
import { print, table, time } from './connection/print.ts';
import { seconds } from './connection/seconds.ts';
import { OrganizationCommand, type OrganizationOptions } from './connection/service-command.ts';

const whichKey = 'the key by its id, as `api-keys list` tells it';

@SubCommand({ name: 'list', description: 'Keys of the organization, used or ended' })
export class ApiKeysListCommand extends OrganizationCommand {
  async run(_: string[], options: OrganizationOptions): Promise<void> {
    const countersign = await this.connect(options);
    const path = { organizationId: await this.organizationOf(countersign, options) };
    const keys = await this.collect((cursor) => countersign.listApiKeys({ path, query: { cursor, limit: 100 } }));
    this.show(options, keys, () =>
      table(
        ['ID', 'NAME', 'ROLES', 'SCOPES', 'UNTIL', 'LAST USED', 'ENDED'],
        keys.map(({ id, name, workspaceRole, administratorRoles, scopes, expiresAt, lastUsedAt, revokedAt }) => [
          id,
          name,
          [workspaceRole, ...administratorRoles].filter(Boolean).join(', '),
          scopes.join(', '),
          time(expiresAt),
          time(lastUsedAt),
          time(revokedAt),
        ]),
      ),
    );
  }
}

interface CreateOptions extends OrganizationOptions {
  workspaceRole?: CreateApiKey['workspaceRole'];
  administratorRole?: NonNullable<CreateApiKey['administratorRoles']>;
  scope?: NonNullable<CreateApiKey['scopes']>;
  network?: string[];
  expires?: string;
}

/** The token is told once, on standard output alone, so that it can be piped to where it is kept. */
@SubCommand({ name: 'create', arguments: '<name>', description: 'Make a key and print its token, once' })
export class ApiKeysCreateCommand extends OrganizationCommand {
  async run([name]: string[], options: CreateOptions): Promise<void> {
    const countersign = await this.connect(options);
    const path = { organizationId: await this.organizationOf(countersign, options) };
    const { workspaceRole, administratorRole: administratorRoles, scope: scopes, expires: expiresAt } = options;
    const named = this.needed(name, 'the service that will use it');
    const bounds = { scopes, expiresAt, allowedNetworks: options.network };
    const body = { name: named, workspaceRole, administratorRoles, ...bounds };
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

  @Option({ flags: '--scope <scope>', description: 'What it is for, as members:read; may come again' })
  parseScope(value: string, former: string[] = []): string[] {
    return [...former, value];
  }

  @Option({ flags: '--network <cidr>', description: 'From where it may call, as 192.0.2.0/24; may come again' })
  parseNetwork(value: string, former: string[] = []): string[] {
    return [...former, value];
  }

  @Option({ flags: '--expires <instant>', description: 'Until when, as 2027-01-31T00:00:00Z' })
  parseExpires(value: string): string {
    return value;
  }
}

@SubCommand({ name: 'rotate', arguments: '<key>', description: 'Make a new token for a key and print it, once' })
export class ApiKeysRotateCommand extends OrganizationCommand {
  async run([key]: string[], options: OrganizationOptions & { overlap?: number }): Promise<void> {
    const countersign = await this.connect(options);
    const organizationId = await this.organizationOf(countersign, options);
    const apiKeyId = this.needed(key, whichKey);
    const body = { overlapSeconds: options.overlap };
    this.show(
      options,
      await countersign.rotateApiKey({ path: { organizationId, apiKeyId }, body }),
      ({ token }) => token,
    );
  }

  @Option({ flags: '--overlap <time>', description: 'How long the former token works on, as 1h' })
  parseOverlap(value: string): number {
    return seconds(value);
  }
}

@SubCommand({ name: 'revoke', arguments: '<key>', description: 'End a key at once' })
export class ApiKeysRevokeCommand extends OrganizationCommand {
  async run([key]: string[], options: OrganizationOptions): Promise<void> {
    const countersign = await this.connect(options);
    const organizationId = await this.organizationOf(countersign, options);
    const apiKeyId = this.needed(key, whichKey);
    await countersign.revokeApiKey({ path: { organizationId, apiKeyId } });
    print('Revoked.');
  }
}

@Command({
  name: 'api-keys',
  description: 'Keys that services call with',
  subCommands: [ApiKeysListCommand, ApiKeysCreateCommand, ApiKeysRotateCommand, ApiKeysRevokeCommand],
})
export class ApiKeysCommand extends CommandGroup {}
