import { AsyncLocalStorage } from 'node:async_hooks';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Client, escapeLiteral } from 'pg';
import { statement, statementName } from './standing/statement.ts';
import {
  accountVariable,
  managedVariable,
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
 * A connection whose transactions begin with their role and variables in the message of their first statement, that
 * takes along what nobody waits to hear of, and that knows the standing statement by name. The query builder says plain
 * `begin` and has no place to say more.
 */
export class TenancyClient extends Client {
  /** Plans belong to a role: under another one PostgreSQL would make them anew each time. */
  private role = '';
  /** What goes in one message with the next statement; what begins the transaction comes first. */
  private waiting: string[] = [];
  private phase: 'none' | 'unknown to the database' | 'begun' | 'void' | 'over' = 'none';

  // The driver's signatures are many; all that comes here is a text with its values, or a query object of its own.
  override query(...[query, values, ...rest]: unknown[]): never {
    return this.answer(query, values, ...rest) as never;
  }

  private answer(query: unknown, values: unknown, ...rest: unknown[]): Promise<unknown> {
    const context = query === 'begin' ? present.getStore() : undefined;
    if (context) {
      this.role = roleOf(context);
      this.waiting = [beginUnder(context)];
      this.phase = 'unknown to the database';
      return nothing;
    }
    if (query === 'commit' || query === 'rollback') return this.finish(query);
    if (this.phase === 'void') return Promise.reject(new Error('The transaction is void: its beginning failed'));
    if (this.phase === 'over') return Promise.reject(new Error('The transaction is over: its last words were said'));
    if (typeof query === 'string' && query.startsWith(asLastWords)) return this.commitWith(query);
    if (typeof query === 'string' && query.startsWith(withTheNext)) {
      this.waiting.push(query);
      return nothing;
    }
    return this.takeAlong(query, values, ...rest);
  }

  private finish(how: 'commit' | 'rollback'): Promise<unknown> {
    const { phase } = this;
    const waiting = this.waiting.splice(0);
    this.phase = 'none';
    // Of a transaction in which nothing was asked the database need not know; of one that is over it knows.
    const isKnown = phase === 'begun' || phase === 'void' || phase === 'none';
    const carriesOut = how === 'commit' && (isKnown ? waiting.length > 0 : waiting.length > 1);
    return carriesOut ? this.send([...waiting, how].join('; ')) : isKnown ? this.send(how) : nothing;
  }

  private async commitWith(lastWords: string): Promise<unknown> {
    const answers = await this.sendFirst([...this.waiting.splice(0), lastWords, 'commit']);
    this.phase = 'over';
    return answers.at(-2);
  }

  /** Texts go in one message with what waits; what has values or a name comes right after it. */
  private async takeAlong(query: unknown, values: unknown, ...rest: unknown[]): Promise<unknown> {
    const waiting = this.waiting.splice(0);
    if (waiting.length === 0) return this.pass(query, values, ...rest);
    const isText = typeof query === 'string' && query !== statement && !(Array.isArray(values) && values.length > 0);
    const answers = await this.sendFirst(isText ? [...waiting, query] : waiting);
    return isText ? answers.at(-1) : this.pass(query, values, ...rest);
  }

  /** A message that may begin the transaction: should it fail, perhaps none began, and what follows would be under no context. */
  private async sendFirst(statements: readonly string[]): Promise<unknown[]> {
    try {
      const answers = await this.send(statements.join('; '));
      if (this.phase === 'unknown to the database') this.phase = 'begun';
      return Array.isArray(answers) ? answers : [answers];
    } catch (error) {
      if (this.phase === 'unknown to the database') this.phase = 'void';
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

const withTheNext = '/* with the next */ ';
const asLastWords = '/* last words */ ';

/**
 * Carried out in one message with the next statement of the transaction, before it: for locks nobody waits to hear of.
 * Should it fail, that statement does.
 */
export async function executeWithNext(em: EntityManager, sql: string, values: readonly unknown[] = []): Promise<void> {
  await em.execute(`${withTheNext}${sql}`, values);
}

/** The last statement of the transaction, carried out in one message with its commit. */
export function executeAsLast<Row>(em: EntityManager, sql: string, values: readonly unknown[] = []): Promise<Row[]> {
  return em.execute<Row[]>(`${asLastWords}${sql}`, values);
}

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
    [managedVariable]: context.managed.join(','),
    [reachVariable]: context.reach.join(','),
    [accountVariable]: context.accountId ?? '',
    [principalVariable]: context.principal,
  };
}
