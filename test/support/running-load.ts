import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { organization, person, relationship, type Cast } from './cast.ts';
import type { Answer, HttpClient } from './http-client.ts';
import type { ProcessService } from './process-service.ts';
import type { Random } from './random.ts';

/** What a story's people were told by the API, and so what must stand in the database for ever. */
export interface Told {
  feature: 'elevation' | 'invite' | 'help-desk-session' | 'external-administrator';
  id: string;
  /** The request's own last state. */
  status: string;
  /** That of its grant, where it gave one. */
  grant: string | null;
  /** The events of the row in their order. */
  events: string[];
}

type Service = Pick<ProcessService, 'baseUrl' | 'database' | 'mail'>;

interface Lane {
  customerId: string;
  agent: Cast;
  admin: Cast;
  outsider: Cast;
}

/** Starting a program anew takes seconds on a busy machine, and the next kill may come before the answer. */
const patienceMilliseconds = 300_000;
const pendingSeconds = 8;
const policy = { elevationPendingSeconds: pendingSeconds, invitePendingSeconds: pendingSeconds };

/** Counts what the people met while servers died under them. */
export interface Troubles {
  /** No answer at all: refused, reset, cut off. */
  unanswered: number;
  /** 503, with a Retry-After. */
  unavailable: number;
}

/**
 * People at work: each lane has an organization of its own and plays one story after the other, as fast as it is
 * answered. A request without an answer, or with 503, is sent again, as a careful client does; anything else that is
 * not expected fails the load.
 */
export class RunningLoad {
  readonly told: Told[] = [];
  readonly troubles: Troubles = { unanswered: 0, unavailable: 0 };
  readonly failures: string[] = [];
  #stopping = false;
  #lanes: Promise<void>[] = [];

  constructor(
    private readonly service: Service,
    private readonly random: Random,
    private readonly pauseMilliseconds = 0,
  ) {}

  async start(lanes: number): Promise<void> {
    for (let lane = 0; lane < lanes; lane += 1) {
      const people = await setLane(this.service);
      this.#lanes.push(this.play(people));
    }
  }

  /** Lets every story that began come to its end. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#lanes);
  }

  private async play(lane: Lane): Promise<void> {
    const stories: [() => Promise<Told>, ...(() => Promise<Told>)[]] = [
      () => this.elevation(lane),
      () => this.elevation(lane),
      () => this.invite(lane),
      () => this.helpDeskSession(lane),
      () => this.externalAdministrator(lane),
    ];
    while (!this.#stopping) {
      try {
        this.told.push(await this.one(...stories)());
      } catch (error) {
        this.failures.push(error instanceof Error ? error.message : String(error));
        return;
      }
      if (this.pauseMilliseconds > 0) await sleep(this.random.below(2 * this.pauseMilliseconds));
    }
  }

  private async elevation({ customerId, agent, admin }: Lane): Promise<Told> {
    const id = await this.create(agent.http, '/v1/elevations', {
      customerId,
      reason: 'Phones do not register',
      durationSeconds: 2,
    });
    const told = (status: string, ...more: string[]): Told => ({
      feature: 'elevation',
      id,
      status,
      grant: null,
      events: ['elevation.requested', ...more],
    });
    const path = `/v1/elevations/${id}`;
    const ending = this.one('approve', 'approve', 'approve', 'deny', 'cancel', 'nobody');
    if (ending === 'nobody') {
      await this.until(agent.http, path, ({ status }) => status === 'expired');
      return told('expired', 'elevation.expired');
    }
    const goal = { approve: 'approved', deny: 'denied', cancel: 'cancelled' }[ending];
    const decider = ending === 'cancel' ? agent : admin;
    const status = await this.decide(decider.http, path, ending, ({ body }) => body.status, goal);
    if (status !== 'approved') return told(status, `elevation.${status}`);

    const last = this.one('revoke', 'return', 'time');
    const [verb, wanted] = { revoke: ['revoke', 'revoked'], return: ['return', 'returned'], time: ['', 'expired'] }[
      last
    ] as [string, string];
    if (verb === '') await this.until(agent.http, path, ({ grant }) => grant?.status === 'expired');
    const ended =
      verb === ''
        ? 'expired'
        : await this.decide(
            verb === 'return' ? agent.http : admin.http,
            path,
            verb,
            ({ body }) => body.grant?.status,
            wanted,
          );
    return {
      ...told('approved', 'elevation.approved', `elevation.${ended === 'expired' ? 'ended' : ended}`),
      grant: ended,
    };
  }

  private async helpDeskSession({ customerId, agent, admin }: Lane): Promise<Told> {
    const id = await this.create(agent.http, '/v1/help-desk-sessions', { customerId, reason: 'Looking into it' });
    const verb = this.one('return', 'revoke');
    const who = verb === 'return' ? agent : admin;
    const goal = verb === 'return' ? 'returned' : 'revoked';
    const status = await this.decide(who.http, `/v1/help-desk-sessions/${id}`, verb, ({ body }) => body.status, goal);
    return {
      feature: 'help-desk-session',
      id,
      status,
      grant: status,
      events: ['help-desk-session.opened', `help-desk-session.${status}`],
    };
  }

  private async invite({ customerId, admin }: Lane): Promise<Told> {
    const path = `/v1/organizations/${customerId}/invites`;
    const email = `invited-${randomUUID()}@people.example`;
    const id = await this.create(admin.http, path, { email, workspaceRole: 'read_only' });
    const told = (status: string): Told => ({
      feature: 'invite',
      id,
      status,
      grant: null,
      events: ['invite.created', `invite.${status}`],
    });
    if (this.one('cancel', 'nobody') === 'nobody') {
      await this.until(admin.http, `${path}/${id}`, ({ status }) => status === 'expired');
      return told('expired');
    }
    return told(await this.decide(admin.http, `${path}/${id}`, 'cancel', ({ body }) => body.status, 'cancelled'));
  }

  private async externalAdministrator({ customerId, admin, outsider }: Lane): Promise<Told> {
    const path = '/v1/external-administrator-requests';
    const id = await this.create(outsider.http, path, { customerId, reason: 'Order 4711' });
    const verb = this.one('deny', 'cancel');
    const goal = verb === 'deny' ? 'denied' : 'cancelled';
    const who = verb === 'deny' ? admin : outsider;
    const status = await this.decide(who.http, `${path}/${id}`, verb, ({ body }) => body.status, goal);
    return {
      feature: 'external-administrator',
      id,
      status,
      grant: null,
      events: ['external-administrator.requested', `external-administrator.${status}`],
    };
  }

  private one<Choice>(...choices: [Choice, ...Choice[]]): Choice {
    return choices[this.random.below(choices.length)] ?? choices[0];
  }

  private async create(http: HttpClient, path: string, body: object): Promise<string> {
    const key = randomUUID();
    const answer = await this.answered(`POST ${path}`, () => http.post(path, body, { 'idempotency-key': key }));
    if (answer.status !== 201) throw new Error(`POST ${path} answered ${answer.status} ${answer.body?.code}`);
    return answer.body.id;
  }

  /** @returns the state the API told at last: the wanted one, or what had won before */
  private async decide(
    http: HttpClient,
    path: string,
    verb: string,
    state: (answer: Answer) => string,
    goal: string,
  ): Promise<string> {
    const answer = await this.answered(`POST ${path}/${verb}`, () => http.post(`${path}/${verb}`, {}));
    if (answer.status === 200) return state(answer);
    if (answer.status !== 409) throw new Error(`POST ${path}/${verb} answered ${answer.status} ${answer.body?.code}`);
    // The answer to the first try may have been lost, or time was faster.
    const now = state(await this.answered(`GET ${path}`, () => http.get(path)));
    if (now !== goal && now !== 'expired') throw new Error(`${verb} of ${path} met ${now}`);
    return now;
  }

  private async until(http: HttpClient, path: string, met: (body: Answer['body']) => boolean): Promise<void> {
    const deadline = Date.now() + patienceMilliseconds;
    while (Date.now() < deadline) {
      const { status, body } = await this.answered(`GET ${path}`, () => http.get(`${path}?wait=2`));
      if (status !== 200) throw new Error(`GET ${path} answered ${status}`);
      if (met(body)) return;
    }
    throw new Error(`${path} did not come to its end`);
  }

  private async answered(what: string, ask: () => Promise<Answer>): Promise<Answer> {
    let tries = 0;
    const deadline = Date.now() + patienceMilliseconds;
    for (;;) {
      const answer = await ask().catch(() => null);
      if (answer && answer.status !== 503) return answer;
      if (answer) {
        this.troubles.unavailable += 1;
        if (!answer.headers.has('retry-after')) throw new Error('503 came without a Retry-After');
      } else this.troubles.unanswered += 1;
      tries += 1;
      if (Date.now() > deadline)
        throw new Error(`${what} had no answer but ${answer?.status ?? 'none at all'} in ${tries} tries`);
      await sleep(100);
    }
  }
}

async function setLane(service: Service): Promise<Lane> {
  const partnerId = await organization(service, 'partner');
  const customerId = await organization(service, 'customer', { policy });
  await relationship(service, partnerId, customerId);
  const stranger = await organization(service, 'partner');
  return {
    customerId,
    agent: await person(service, 'Agent', [{ in: partnerId, roles: ['help_desk_advanced'] }]),
    admin: await person(service, 'Admin', [{ in: customerId, roles: ['full_administrator'] }]),
    outsider: await person(service, 'Outsider', [{ in: stranger, roles: ['partner_full_administrator'] }]),
  };
}
