import { Command, CommandRunner, Option, SubCommand } from 'nest-commander';
import { importInvites } from './invites-import.ts';

interface ImportOptions {
  organization: string;
  url: string;
  token?: string;
}

@SubCommand({ name: 'import', arguments: '<file>', description: 'Invite everybody in a CSV file and show how it goes' })
export class InvitesImportCommand extends CommandRunner {
  async run(
    [file]: string[],
    { organization, url, token = process.env['COUNTERSIGN_TOKEN'] }: ImportOptions,
  ): Promise<void> {
    if (!file) throw new Error('Name the CSV file');
    if (!token) throw new Error('Name a session token or API key with --token or COUNTERSIGN_TOKEN');
    await importInvites({ baseUrl: url, token, organizationId: organization, file, out: process.stdout });
  }

  @Option({ flags: '--organization <id>', description: 'The organization to invite to', required: true })
  parseOrganization(value: string): string {
    return value;
  }

  @Option({ flags: '--url <url>', description: 'Where Countersign is', defaultValue: 'http://localhost:3000' })
  parseUrl(value: string): string {
    return value;
  }

  @Option({ flags: '--token <token>', description: 'Session token or API key; better in COUNTERSIGN_TOKEN' })
  parseToken(value: string): string {
    return value;
  }
}

@Command({ name: 'invites', description: 'Invites', subCommands: [InvitesImportCommand] })
export class InvitesCommand extends CommandRunner {
  async run(): Promise<void> {
    this.command.help();
  }
}
