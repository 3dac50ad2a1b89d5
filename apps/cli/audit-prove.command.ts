import { Option, SubCommand } from 'nest-commander';
import { CliCommand } from './cli-command.ts';
import { askService } from './ask-service.ts';
import { UsageError } from './cli-errors.ts';

interface ProveOptions {
  organization: string;
  url?: string;
  personal?: boolean;
}

/** What it prints is verified by anybody with `audit verify`, without the service and without the rest of the trail. */
@SubCommand({ name: 'prove', arguments: '<event>', description: 'Print the proof that one event is on record' })
export class AuditProveCommand extends CliCommand {
  async run([eventId]: string[], { organization, url, personal = false }: ProveOptions): Promise<void> {
    if (!eventId) throw new UsageError('Name the event by its id, as GET …/audit-events tells it');
    const query = new URLSearchParams({ eventId, personal: String(personal) });
    process.stdout.write(
      await askService(url, `/v1/organizations/${organization}/audit-events/proof?${query.toString()}`),
    );
  }

  @Option({ flags: '--organization <id>', description: 'Whose trail it stands in', required: true })
  parseOrganization(value: string): string {
    return value;
  }

  @Option({ flags: '--personal', description: 'Disclose names, addresses and words, too' })
  parsePersonal(): boolean {
    return true;
  }

  @Option({ flags: '--url <url>', description: 'Where Countersign is; else COUNTERSIGN_URL, else where you logged in' })
  parseUrl(value: string): string {
    return value;
  }
}
