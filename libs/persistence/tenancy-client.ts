import { AsyncLocalStorage } from 'node:async_hooks';
import { Client, escapeLiteral } from 'pg';
import { statement, statementName } from './standing/statement.ts';
import {
  accountVariable,
  organizationsVariable,
  principalVariable,
  reachVariable,
  roleOf,
  type TenancyContext,
} from './tenancy.ts';

const present = new AsyncLocalStorage<TenancyContext>();

/** The transaction the work begins runs under this context from its very beginning. */
export const beginningUnder = <T>(context: TenancyContext, work: () => Promise<T>): Promise<T> =>
  present.run(context, work);

/**
 * A connection whose transactions begin with their role and variables in the same message, and that knows the standing
 * statement by name. The query builder says plain `begin` and has no place to say more.
 */
export class TenancyClient extends Client {
  /** Plans belong to a role: under another one PostgreSQL would make them anew each time. */
  private role = '';

  // The driver's signatures are many; all that comes here is a text with its values, or a query object of its own.
  override query(...[query, values, ...rest]: unknown[]): never {
    const context = query === 'begin' ? present.getStore() : undefined;
    if (context) return this.begin(context) as never;
    if (query === statement) return this.send({ name: `${statementName}:${this.role}`, text: query, values }) as never;
    return this.send(query, values, ...rest) as never;
  }

  private async begin(context: TenancyContext): Promise<{ rows: [] }> {
    this.role = roleOf(context);
    try {
      await this.send(beginUnder(context));
    } catch (error) {
      // Half of it may have worked, and whoever asked for it will not end what never began for them.
      await this.send('rollback').catch(() => {});
      throw error;
    }
    return { rows: [] };
  }

  private send(...message: unknown[]): Promise<unknown> {
    return super.query(...(message as [string]));
  }
}

/** One message: `begin`, the role, and what the policies read. */
function beginUnder(context: TenancyContext): string {
  const settings = { role: roleOf(context), ...variablesOf(context) };
  const set = Object.entries(settings).map(
    ([name, value]) => `set_config(${escapeLiteral(name)}, ${escapeLiteral(value)}, true)`,
  );
  return `begin; select ${set.join(', ')}`;
}

function variablesOf(context: TenancyContext): Record<string, string> {
  if (context.kind !== 'tenant') return {};
  return {
    [organizationsVariable]: context.organizationIds.join(','),
    [reachVariable]: context.reach.join(','),
    [accountVariable]: context.accountId ?? '',
    [principalVariable]: context.principal,
  };
}
