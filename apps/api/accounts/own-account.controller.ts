import { Body, Controller, HttpCode, Patch, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import type { z } from 'zod';
import {
  addressChangeState,
  changeOwnAccount as changeBody,
  confirmAddressChange as confirmBody,
  person as personShape,
  Refusal,
  requestAddressChange as requestBody,
} from '#contracts';
import { changeName, confirmAddressChange, Decisions, requestAddressChange, type Decision } from '#decisions';
import { countAttempt, type AttemptLimits, type Principal } from '#identity';
import { asSystem, Database } from '#persistence';
import { actorOf, Caller } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';

type Person = Principal & { kind: 'account' };

/** Enough for somebody who mistypes, too little to fill the mailboxes of others. */
export const addressChangeLimits: AttemptLimits = {
  kind: 'address-change',
  perName: 5,
  perNetwork: 50,
  windowSeconds: 15 * 60,
};

/** What a person changes about themselves: their name, and the address they are reached by. */
@ApiTags('accounts')
@Controller('v1/me')
export class OwnAccountController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
  ) {}

  @Patch()
  @Operation({
    summary: 'Go by another name',
    description: 'Every organization you belong to reads on its trail what you were called before.',
    answer: personShape,
    problems: ['person_required', 'single_sign_on_not_enough', 'name_not_acceptable'],
  })
  async change(
    @Caller() caller: Principal,
    @Body({ schema: changeBody }) { displayName }: z.infer<typeof changeBody>,
    @Req() { ip }: Request,
  ): Promise<z.infer<typeof personShape>> {
    const person = requirePerson(caller);
    const account = await this.decide(person, ip, (decision) => changeName(decision, person, displayName));
    return { id: account.id, displayName: account.displayName, email: account.email };
  }

  @Post('address-change')
  @HttpCode(202)
  @Operation({
    summary: 'Ask to be reached at another address',
    description:
      'Both addresses are written to; yours changes once you have opened both links within a day, signed in. The answer is the same whoever the new address belongs to.',
    status: 202,
    problems: ['person_required', 'single_sign_on_not_enough', 'address_not_acceptable'],
  })
  async requestAddress(
    @Caller() caller: Principal,
    @Body({ schema: requestBody }) { email }: z.infer<typeof requestBody>,
    @Req() { ip }: Request,
  ): Promise<void> {
    const person = requirePerson(caller);
    await countAttempt(this.database, addressChangeLimits, { name: person.accountId, sourceAddress: ip });
    await this.decide(person, ip, (decision) => requestAddressChange(decision, person, email));
  }

  @Post('address-change/confirm')
  @HttpCode(200)
  @Operation({
    summary: 'Confirm one of the two addresses with the token of its mail',
    answer: addressChangeState,
    problems: ['person_required', 'address_link_invalid', 'address_taken'],
  })
  async confirmAddress(
    @Caller() caller: Principal,
    @Body({ schema: confirmBody }) { token }: z.infer<typeof confirmBody>,
    @Req() { ip }: Request,
  ): Promise<z.infer<typeof addressChangeState>> {
    const person = requirePerson(caller);
    return this.decide(person, ip, (decision) => confirmAddressChange(decision, person.accountId, token));
  }

  /** As the system: a person's name and addresses are no tenant's. */
  private decide<T>(person: Person, ip: string | undefined, work: (decision: Decision) => Promise<T>): Promise<T> {
    return this.decisions.decide({ ...actorOf(person, ip), tenancy: asSystem }, work);
  }
}

function requirePerson(caller: Principal): Person {
  if (caller.kind !== 'account') throw new Refusal('person_required', { detail: 'Only people have names.' });
  return caller;
}
