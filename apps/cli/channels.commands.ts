import { Command, SubCommand } from 'nest-commander';
import { CommandGroup } from './cli-command.ts';
import { table, time } from './connection/print.ts';
import { OrganizationCommand, type OrganizationOptions } from './connection/service-command.ts';

@SubCommand({ name: 'list', description: 'Chats that are told of requests, and how that goes' })
export class ChannelsListCommand extends OrganizationCommand {
  async run(_: string[], options: OrganizationOptions): Promise<void> {
    const countersign = await this.connect(options);
    const path = { organizationId: await this.organizationOf(countersign, options) };
    const channels = await this.collect((cursor) => countersign.listChannels({ path, query: { cursor, limit: 100 } }));
    this.show(options, channels, () =>
      table(
        ['ID', 'STATUS', 'CHAT', 'HOST', 'TOLD OF', 'LAST DELIVERED', 'LAST FAILURE'],
        channels.map(({ id, status, kind, host, kinds, lastDeliveredAt, lastFailure }) => [
          id,
          status,
          kind,
          host,
          kinds.join(', '),
          time(lastDeliveredAt),
          lastFailure?.reason,
        ]),
      ),
    );
  }
}

@SubCommand({ name: 'add', arguments: '<chat> <url>', description: 'Tell a chat (slack or teams) of requests' })
export class ChannelsAddCommand extends OrganizationCommand {
  async run([chat, address]: string[], options: OrganizationOptions): Promise<void> {
    const countersign = await this.connect(options);
    const organizationId = await this.organizationOf(countersign, options);
    const kind = this.needed(chat, 'the chat: slack or teams') as 'slack' | 'teams';
    const url = this.needed(address, 'the address of the chat’s incoming webhook');
    const channel = await countersign.createChannel({ path: { organizationId }, body: { kind, url } });
    this.show(options, channel, ({ id }) => `Added: channel ${id}`);
  }
}

@SubCommand({ name: 'test', arguments: '<channel>', description: 'Write a greeting into the chat' })
export class ChannelsTestCommand extends OrganizationCommand {
  async run([channel]: string[], options: OrganizationOptions): Promise<void> {
    const countersign = await this.connect(options);
    const organizationId = await this.organizationOf(countersign, options);
    const channelId = this.needed(channel, 'the channel by its id, as `channels list` tells it');
    const test = await countersign.testChannel({ path: { organizationId, channelId } });
    this.show(options, test, ({ eventId }) => `Sent: event ${eventId}`);
  }
}

@SubCommand({ name: 'remove', arguments: '<channel>', description: 'Tell a chat nothing more' })
export class ChannelsRemoveCommand extends OrganizationCommand {
  async run([channel]: string[], options: OrganizationOptions): Promise<void> {
    const countersign = await this.connect(options);
    const organizationId = await this.organizationOf(countersign, options);
    const channelId = this.needed(channel, 'the channel by its id, as `channels list` tells it');
    await countersign.removeChannel({ path: { organizationId, channelId } });
    this.show(options, { id: channelId }, ({ id }) => `Removed: channel ${id}`);
  }
}

@Command({
  name: 'channels',
  description: 'Chats that are told of requests',
  subCommands: [ChannelsListCommand, ChannelsAddCommand, ChannelsTestCommand, ChannelsRemoveCommand],
})
export class ChannelsCommand extends CommandGroup {}
