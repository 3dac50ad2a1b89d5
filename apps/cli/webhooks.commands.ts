import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Command, Option, SubCommand } from 'nest-commander';
import { CommandGroup } from './cli-command.ts';
import { print, table, time } from './connection/print.ts';
import { OrganizationCommand, type OrganizationOptions } from './connection/service-command.ts';
import { aborted, interruption } from './interruption.ts';

@SubCommand({ name: 'list', description: 'Where events are sent, and how that goes' })
export class WebhooksListCommand extends OrganizationCommand {
  async run(_: string[], options: OrganizationOptions): Promise<void> {
    const countersign = await this.connect(options);
    const path = { organizationId: await this.organizationOf(countersign, options) };
    const webhooks = await this.collect((cursor) => countersign.listWebhooks({ path, query: { cursor, limit: 100 } }));
    this.show(options, webhooks, () =>
      table(
        ['ID', 'STATUS', 'ADDRESS', 'LAST DELIVERED', 'LAST FAILURE'],
        webhooks.map(({ id, status, url, lastDeliveredAt, lastFailure }) => [
          id,
          status,
          url,
          time(lastDeliveredAt),
          lastFailure?.reason,
        ]),
      ),
    );
  }
}

@SubCommand({ name: 'test', arguments: '<webhook>', description: 'Send a test event through a webhook' })
export class WebhooksTestCommand extends OrganizationCommand {
  async run([webhook]: string[], options: OrganizationOptions): Promise<void> {
    const countersign = await this.connect(options);
    const organizationId = await this.organizationOf(countersign, options);
    const webhookId = this.needed(webhook, 'the webhook by its id, as `webhooks list` tells it');
    const test = await countersign.testWebhook({ path: { organizationId, webhookId } });
    this.show(options, test, ({ eventId }) => `Sent: event ${eventId}`);
  }
}

interface ListenOptions extends OrganizationOptions {
  port?: number;
  action?: string[];
}

/** For developers on their own machine: production sends to public addresses only. */
@SubCommand({ name: 'listen', description: 'Receive events here and print them, until Ctrl-C' })
export class WebhooksListenCommand extends OrganizationCommand {
  async run(_: string[], options: ListenOptions): Promise<void> {
    const countersign = await this.connect(options);
    const { verifyWebhook } = await import('@countersign/client');
    const path = { organizationId: await this.organizationOf(countersign, options) };
    const signal = interruption();
    let secret: string | undefined;

    const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const body = await text(request);
      try {
        const { type, timestamp, data } = verifyWebhook(secret ?? '', body, request.headers);
        print(options.json ? body : `${time(timestamp)}  ${type}  ${data.id}`);
        response.writeHead(204).end();
      } catch {
        process.stderr.write('Somebody sent what is not signed by this webhook.\n');
        response.writeHead(400).end();
      }
    };
    const server = createServer((request, response) => void receive(request, response));
    server.listen(options.port ?? 0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

    try {
      const body = { url, actions: options.action, description: 'countersign webhooks listen' };
      const webhook = await countersign.createWebhook({ path, body });
      secret = webhook.secret;
      process.stderr.write(`Listening at ${url}; Ctrl-C ends it.\n`);
      await aborted(signal);
      await countersign.removeWebhook({ path: { ...path, webhookId: webhook.id } });
    } finally {
      server.close();
      server.closeAllConnections();
    }
    process.exit(0);
  }

  @Option({ flags: '--port <number>', description: 'Where to listen; else a free port' })
  parsePort(value: string): number {
    return Number(value);
  }

  @Option({ flags: '--action <action>', description: 'Only events of it, as elevation.approved; may come again' })
  parseAction(value: string, former: string[] = []): string[] {
    return [...former, value];
  }
}

@Command({
  name: 'webhooks',
  description: 'Events sent to services',
  subCommands: [WebhooksListCommand, WebhooksTestCommand, WebhooksListenCommand],
})
export class WebhooksCommand extends CommandGroup {}
