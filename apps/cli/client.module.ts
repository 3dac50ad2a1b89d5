import { Module } from '@nestjs/common';
import { AccessCommand } from './access.commands.ts';
import { CompletionCommand } from './completion.command.ts';
import { ApiKeysCommand } from './api-keys.commands.ts';
import { CustomersCommand } from './customers.command.ts';
import { ElevationsCommand } from './elevations.commands.ts';
import { InvitesCommand } from './invites.commands.ts';
import { LoginCommand, LogoutCommand, WhoAmICommand } from './login.command.ts';
import { MembersCommand } from './members.commands.ts';
import { OrganizationsCommand } from './organizations.commands.ts';
import { PolicyCommand } from './policy.commands.ts';
import { RelationshipsCommand } from './relationships.commands.ts';
import { ChannelsCommand } from './channels.commands.ts';
import { WebhooksCommand } from './webhooks.commands.ts';

/** Commands that ask a running service. They load nothing of it, and so begin at once. */
@Module({
  providers: [
    ...LoginCommand.registerWithSubCommands(),
    ...LogoutCommand.registerWithSubCommands(),
    ...WhoAmICommand.registerWithSubCommands(),
    ...CustomersCommand.registerWithSubCommands(),
    ...ElevationsCommand.registerWithSubCommands(),
    ...AccessCommand.registerWithSubCommands(),
    ...InvitesCommand.registerWithSubCommands(),
    ...MembersCommand.registerWithSubCommands(),
    ...OrganizationsCommand.registerWithSubCommands(),
    ...PolicyCommand.registerWithSubCommands(),
    ...RelationshipsCommand.registerWithSubCommands(),
    ...ApiKeysCommand.registerWithSubCommands(),
    ...WebhooksCommand.registerWithSubCommands(),
    ...ChannelsCommand.registerWithSubCommands(),
    ...CompletionCommand.registerWithSubCommands(),
  ],
})
export class ClientModule {}

export const clientCommands: ReadonlySet<string | undefined> = new Set([
  'login',
  'logout',
  'whoami',
  'customers',
  'elevations',
  'access',
  'invites',
  'members',
  'organizations',
  'policy',
  'relationships',
  'api-keys',
  'webhooks',
  'channels',
]);
