import { describe, expect, it } from '@jest/globals';
import { approvalStatuses, approvalTransitions } from './approval.ts';
import { grantStatuses, grantTransitions } from './grant.ts';
import { helpDeskSessionStatuses, helpDeskSessionTransitions } from './help-desk-session.ts';
import { inviteStatuses, inviteTransitions } from './invite.ts';
import { isFinal, mayTransition, type Transitions } from './transitions.ts';

const reachable = <State extends string>(transitions: Transitions<State>, states: readonly State[]) =>
  states.flatMap((from) => states.filter((to) => mayTransition(transitions, from, to)).map((to) => `${from}→${to}`));

describe('states', () => {
  it('decides a request once', () => {
    const decisions = ['pending→approved', 'pending→denied', 'pending→cancelled', 'pending→expired'];
    expect(reachable(approvalTransitions, approvalStatuses)).toEqual(decisions);
  });

  it('ends a grant once, in five ways', () => {
    const ends = ['expired', 'revoked', 'returned', 'superseded', 'ended'];
    expect(reachable(grantTransitions, grantStatuses)).toEqual(ends.map((end) => `active→${end}`));
    expect(grantStatuses.filter((status) => isFinal(grantTransitions, status))).toEqual(ends);
  });

  it('ends a help-desk session once; it is never extended', () => {
    expect(reachable(helpDeskSessionTransitions, helpDeskSessionStatuses)).toEqual(
      ['expired', 'revoked', 'returned', 'ended'].map((end) => `active→${end}`),
    );
  });

  it('closes an invite once, and repairs one whose mail failed', () => {
    expect(reachable(inviteTransitions, inviteStatuses).toSorted()).toEqual(
      [
        'pending→accepted',
        'pending→cancelled',
        'pending→expired',
        'pending→failed',
        'failed→pending',
        'failed→cancelled',
        'failed→expired',
      ].toSorted(),
    );
  });
});
