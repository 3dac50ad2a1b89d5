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
 * A connection whose transactions begin with their role and variables in the message of their first statement, and that
 * knows the standing statement by name. The query builder says plain `begin` and has no place to say more.
 */
export class TenancyClient extends Client {
  /** Plans belong to a role: under another one PostgreSQL would make them anew each time. */
  private role = '';
  /** What begins the transaction, until there is something to do in it. */
  private beginning: string | null = null;
  /** The message that began the transaction failed, so perhaps nothing began: what follows would be under no context. */
  private isVoid = false;

  // The driver's signatures are many; all that comes here is a text with its values, or a query object of its own.
  override query(...[query, values, ...rest]: unknown[]): never {
    return this.answer(query, values, ...rest) as never;
  }

  private answer(query: unknown, values: unknown, ...rest: unknown[]): Promise<unknown> {
    const context = query === 'begin' ? present.getStore() : undefined;
    if (context) {
      this.role = roleOf(context);
      this.beginning = beginUnder(context);
      return nothing;
    }
    const isEnd = query === 'commit' || query === 'rollback';
    if (this.isVoid && !isEnd) return Promise.reject(new Error('The transaction is void: its beginning failed'));
    this.isVoid = false;
    const { beginning } = this;
    if (beginning === null) return this.pass(query, values, ...rest);
    this.beginning = null;
    // Of a transaction in which nothing was asked the database need not know.
    return isEnd ? nothing : this.begin(beginning, query, values, ...rest);
  }

  /** Texts go in one message with what begins the transaction; what has values or a name must wait for it. */
  private async begin(beginning: string, query: unknown, values: unknown, ...rest: unknown[]): Promise<unknown> {
    try {
      const isText = typeof query === 'string' && query !== statement && !(Array.isArray(values) && values.length > 0);
      if (!isText) await this.send(beginning);
      if (!isText) return await this.pass(query, values, ...rest);
      const answers = (await this.send(`${beginning}; ${query}`)) as unknown[];
      const own = answers.slice(statementsThatBegin);
      return own.length === 1 ? own[0] : own;
    } catch (error) {
      this.isVoid = true;
      throw error;
    }
  }

  private pass(query: unknown, values: unknown, ...rest: unknown[]): Promise<unknown> {
    if (query === statement) return this.send({ name: `${statementName}:${this.role}`, text: query, values });
    return this.send(query, values, ...rest);
  }

  private send(...message: unknown[]): Promise<unknown> {
    return super.query(...(message as [string]));
  }
}

const nothing = Promise.resolve({ rows: [] });

/** `begin`, and the one that sets everything else. */
const statementsThatBegin = 2;

/** `begin`, the role, and what the policies read. */
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
