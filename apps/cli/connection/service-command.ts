import type { Countersign } from '@countersign/client';
import { Option } from 'nest-commander';
import { CliCommand } from '../cli-command.ts';
import { NotLoggedIn, UsageError } from '../cli-errors.ts';
import { print } from './print.ts';
import { serviceAddress } from './service-address.ts';

export interface ConnectionOptions {
  url?: string;
  json?: boolean;
}

export interface OrganizationOptions extends ConnectionOptions {
  organization?: string;
}

/** A command that asks a running service, through the client that its API document makes. */
export abstract class ServiceCommand extends CliCommand {
  @Option({ flags: '--url <url>', description: 'Where Countersign is; else COUNTERSIGN_URL, else where you logged in' })
  parseUrl(value: string): string {
    return value;
  }

  @Option({ flags: '--json', description: 'Print the answer as JSON, for programs' })
  parseJson(): boolean {
    return true;
  }

  protected async connect({ url: option }: ConnectionOptions): Promise<Countersign> {
    const { url, token } = await serviceAddress(option);
    if (!token) throw new NotLoggedIn(url);
    const { connect } = await import('@countersign/client');
    return connect({ baseUrl: url, token });
  }

  /** Every item of a list, whatever its pages. */
  protected async collect<Item>(
    pageAt: (cursor: string | undefined) => Promise<{ items: readonly Item[]; nextCursor: string | null }>,
  ): Promise<Item[]> {
    const { everyItem } = await import('@countersign/client');
    const items: Item[] = [];
    for await (const item of everyItem(pageAt)) items.push(item);
    return items;
  }

  /** The answer itself for programs, a table or a sentence for people. */
  protected show<Answer>({ json }: ConnectionOptions, answer: Answer, forPeople: (answer: Answer) => string): void {
    print(json ? JSON.stringify(answer, null, 2) : forPeople(answer));
  }

  /** The argument, or a sentence on what is missing. */
  protected needed(value: string | undefined, what: string): string {
    if (value === undefined) throw new UsageError(`Name ${what}`);
    return value;
  }
}

/** A command about one organization: the named one, or the only one that the caller belongs to. */
export abstract class OrganizationCommand extends ServiceCommand {
  @Option({ flags: '--organization <id>', description: 'Which one, where you belong to several' })
  parseOrganization(value: string): string {
    return value;
  }

  protected async organizationOf(countersign: Countersign, { organization }: OrganizationOptions): Promise<string> {
    if (organization !== undefined) return organization;
    const { memberships, service } = await countersign.getMe();
    if (service) return service.organizationId;
    const [only, ...others] = memberships;
    if (only && others.length === 0) return only.organization.id;
    const choices = memberships.map(({ organization: { id, name } }) => `\n  ${id}  ${name}`);
    throw new UsageError(
      `Name the organization with --organization${choices.length > 0 ? `:${choices.join('')}` : ''}`,
    );
  }
}
