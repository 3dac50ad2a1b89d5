import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { displayName, email, Refusal } from '#contracts';
import {
  changeName,
  confirmAddressChange,
  Decisions,
  readAddressChange,
  requestAddressChange,
  type Decision,
} from '#decisions';
import { countAttempt, type Principal } from '#identity';
import { asSystem, Database, databaseNow } from '#persistence';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { actorOf, Caller } from '../authentication/caller.ts';
import { filledIn } from '../approvals/form.ts';
import { Console } from '../console/console.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { wordsOf } from '../console/words-of-refusal.ts';
import { addressChangeLimits } from './own-account.controller.ts';

type Person = Principal & { kind: 'account' };

const typedText = z.string().max(1000).catch('');
const nameForm = z.object({ displayName: typedText });
const addressForm = z.object({ email: typedText });

/** My name and my address. A link of a mail opens a page; what it is for happens when its form is sent. */
@Pages()
@Controller('account')
export class OwnAccountPages {
  constructor(
    private readonly console: Console,
    private readonly database: Database,
    private readonly decisions: Decisions,
  ) {}

  @Get()
  @Html()
  async show(
    @Caller() caller: Principal,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    return this.page(personIn(caller), request, response);
  }

  @Post('name')
  @Html()
  async changeName(
    @Caller() caller: Principal,
    @Body({ schema: nameForm }) form: z.infer<typeof nameForm>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string | undefined> {
    return this.act(caller, request, response, form, '/account?notice=name-changed', async (person, decide) => {
      const name = filledIn(z.object({ displayName }), form).displayName;
      await decide((decision) => changeName(decision, person, name));
    });
  }

  @Post('address')
  @Html()
  async changeAddress(
    @Caller() caller: Principal,
    @Body({ schema: addressForm }) form: z.infer<typeof addressForm>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string | undefined> {
    return this.act(caller, request, response, form, '/account?notice=address-asked', async (person, decide) => {
      const address = filledIn(z.object({ email }), form).email;
      await countAttempt(this.database, addressChangeLimits, { name: person.accountId, sourceAddress: request.ip });
      await decide((decision) => requestAddressChange(decision, person, address));
    });
  }

  @Get('address/:token')
  @Html()
  async confirmation(
    @Caller() caller: Principal,
    @Param('token') token: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const person = personIn(caller);
    const { change, side } = await this.database.transaction(asSystem, async (em) =>
      readAddressChange(em, person.accountId, token, await databaseNow(em)),
    );
    return this.console.page(request, response, {
      template: 'accounts/address',
      title: 'Another address',
      model: {
        action: `/account/address/${encodeURIComponent(token)}`,
        newAddress: change.newAddress,
        isOld: side === 'old',
        isConfirmed: Boolean(side === 'old' ? change.oldConfirmedAt : change.newConfirmedAt),
      },
    });
  }

  @Post('address/:token')
  async confirm(
    @Caller() caller: Principal,
    @Param('token') token: string,
    @Req() request: AuthenticatedRequest,
    @Res() response: Response,
  ): Promise<void> {
    const person = personIn(caller);
    const { isDone } = await this.decide(person, request, (decision) =>
      confirmAddressChange(decision, person.accountId, token),
    );
    response.redirect(303, `/account?notice=${isDone ? 'address-changed' : 'address-confirmed'}`);
  }

  private async page(
    { displayName: name, email: address }: Person,
    request: AuthenticatedRequest,
    response: Response,
    refused: { error: Refusal; typed: { displayName?: string; email?: string } } | null = null,
  ): Promise<string> {
    return this.console.page(request, response, {
      template: 'accounts/account',
      title: 'Your account',
      alert: refused && wordsOf(refused.error),
      model: {
        displayName: refused?.typed.displayName ?? name,
        address,
        email: refused?.typed.email ?? '',
      },
    });
  }

  /** A refusal leaves the person at the form, with what they typed. */
  private async act(
    caller: Principal,
    request: AuthenticatedRequest,
    response: Response,
    typed: { displayName?: string; email?: string },
    next: string,
    work: (
      person: Person,
      decide: (change: (decision: Decision) => Promise<unknown>) => Promise<unknown>,
    ) => Promise<void>,
  ): Promise<string | undefined> {
    const person = personIn(caller);
    try {
      await work(person, (change) => this.decide(person, request, change));
      response.redirect(303, next);
      return undefined;
    } catch (error) {
      if (!(error instanceof Refusal) || error.status >= 500) throw error;
      response.status(error.status);
      return this.page(person, request, response, { error, typed });
    }
  }

  private decide<T>(
    person: Person,
    { ip }: AuthenticatedRequest,
    change: (decision: Decision) => Promise<T>,
  ): Promise<T> {
    return this.decisions.decide({ ...actorOf(person, ip), tenancy: asSystem }, change);
  }
}

function personIn(caller: Principal): Person {
  if (caller.kind !== 'account') throw new Refusal('forbidden');
  return caller;
}
