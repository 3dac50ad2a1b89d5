import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Address, asSystem, CustomerAssignment, Membership, Relationship } from '#persistence';
import { mailsAbout, organization, person, relationship, service, type Cast } from '../support/cast.ts';
import { untilIt } from '../support/eventually.ts';
import {
  approve,
  asked,
  code,
  inSeconds,
  listed,
  requests,
  setExternalAdministratorStage,
  type ExternalAdministratorStage,
} from '../support/external-administrator-stage.ts';
import { mayWrite } from '../support/people.ts';
import { showSecondFactor } from '../support/support-team.ts';
import { createWorld, type World } from '../support/world.ts';

/** Who decides, by what, and who is told. */
let world: World;
let stage: ExternalAdministratorStage;

beforeAll(async () => {
  world = await createWorld();
  stage = await setExternalAdministratorStage(world);
}, 120_000);

afterAll(() => world?.stop());

describe('deciding', () => {
  it('needs the address of the requester; a wrong one is recorded and uses nothing up', async () => {
    const acme = await stage.customer();
    const grace = await stage.requester();
    await world.database.transaction(asSystem, async (em) => {
      for (const [name, verifiedAt] of [
        ['proved', new Date()],
        ['unproved', null],
      ] as const)
        em.create(Address, {
          address: `${name}-${grace.email}`,
          accountId: grace.accountId,
          kind: 'alias',
          verifiedAt,
        });
    });
    const id = await asked(grace, { customerId: acme.id });
    const wrong = await approve(acme.admin, id, { email: 'somebody@else.example' });
    expect(code(wrong)).toBe('403 address_not_confirmed');
    expect(wrong.body.errors).toMatchObject([{ pointer: '/email' }]);
    const misspelt = await approve(acme.admin, id, grace, { util: inSeconds(600) });
    expect(code(misspelt)).toBe('400 invalid_request');
    expect(misspelt.body.errors).toMatchObject([{ pointer: '/util' }]);
    expect(code(await approve(acme.admin, id, { email: `unproved-${grace.email}` }))).toBe('403 address_not_confirmed');
    expect(await stage.actionsOf(acme.id, id)).toEqual([
      'external-administrator.requested success',
      'external-administrator.approved refused',
      'external-administrator.approved refused',
    ]);
    expect(await mayWrite(grace, acme.id)).toBe(false);
    expect((await approve(acme.admin, id, { email: `PROVED-${grace.email}` })).status).toBe(200);
  });

  it('offers full or provisioning where the partner manages the subscription', async () => {
    const acme = await stage.customer();
    await relationship(world, stage.partnerId, acme.id);
    const grace = await stage.requester();
    const id = await asked(grace, { customerId: acme.id });
    const refused = await approve(acme.admin, id, grace, { role: 'read_only_administrator' });
    expect(code(refused)).toBe('403 role_not_available');
    expect(refused.body.roles).toEqual(['full_administrator', 'provisioning_administrator']);
    const approved = await approve(acme.admin, id, grace, { role: 'provisioning_administrator' });
    expect(approved.body.access.role).toBe('provisioning_administrator');
    // As a partner administrator has it: devices, but no users to add, and no roles beyond.
    expect(await mayWrite(grace, acme.id)).toBe(true);
    expect(await mayWrite(grace, acme.id, 'users_and_licences')).toBe(false);
    expect((await listed(acme.admin, acme.id)).body.items[0].role).toBe('provisioning_administrator');

    const { memberId } = approved.body.access;
    await acme.admin.http.delete(`/v1/organizations/${acme.id}/external-administrators/${memberId}`);
    expect(await mayWrite(grace, acme.id)).toBe(false);
    await world.database.transaction(asSystem, async (em) => {
      expect(await em.count(CustomerAssignment, { customerId: acme.id })).toBe(0);
      // The managed subscription is not the external administrator's to end.
      expect(await em.count(Relationship, { customerId: acme.id, activeUntil: null })).toBe(1);
    });
  });

  it('offers full or read-only where it does not', async () => {
    const acme = await stage.customer();
    const grace = await stage.requester();
    const id = await asked(grace, { customerId: acme.id });
    expect(code(await approve(acme.admin, id, grace, { role: 'provisioning_administrator' }))).toBe(
      '403 role_not_available',
    );
    await approve(acme.admin, id, grace, { role: 'read_only_administrator' });
    expect(await mayWrite(grace, acme.id)).toBe(false);
    const read = await grace.http.post('/access/v1/evaluation', {
      subject: { type: 'account', id: grace.accountId },
      action: { name: 'read' },
      resource: { type: 'setting', id: 'devices', properties: { organizationId: acme.id } },
    });
    expect(read.body.decision).toBe(true);
  });

  it('makes one relationship for all of a partner, which ends with the last of them', async () => {
    const acme = await stage.customer();
    const people = await Promise.all(['Ann', 'Ben', 'Cid'].map((name) => stage.requester(name)));
    const ids: string[] = [];
    for (const one of people) ids.push(await asked(one, { customerId: acme.id }));
    const answers = await Promise.all(people.map((one, index) => approve(acme.admin, ids[index] ?? '', one)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const relationships = () =>
      world.database.transaction(asSystem, (em) => em.find(Relationship, { customerId: acme.id }));
    expect(await relationships()).toMatchObject([{ partnerId: stage.partnerId, origin: 'external_administrator' }]);
    // It opens the customer to those it was approved for, to nobody else of the partner.
    expect(await mayWrite(stage.partnersAdmin, acme.id)).toBe(false);

    for (const [index, { body }] of answers.entries()) {
      expect((await relationships())[0]?.activeUntil ?? null).toBeNull();
      await acme.admin.http.delete(`/v1/organizations/${acme.id}/external-administrators/${body.access.memberId}`);
      expect(await mayWrite(people[index] ?? stage.partnersAdmin, acme.id)).toBe(false);
    }
    expect((await relationships())[0]?.activeUntil).not.toBeNull();
  });

  it('is for home full administrators of the customer alone', async () => {
    const acme = await stage.customer();
    const grace = await stage.requester();
    const id = await asked(grace, { customerId: acme.id });
    const external = await person(world, 'External', [
      { in: acme.id, roles: ['full_administrator'], kind: 'external' },
      { in: await organization(world, 'partner'), roles: ['partner_administrator'] },
    ]);
    const reader = await person(world, 'Reader', [{ in: acme.id, roles: ['read_only_administrator'] }]);
    const owner = await person(world, 'Owner', [{ in: acme.id, workspaceRole: 'owner' }]);
    const colleague = await stage.requester('Colleague');
    const bothSides = await person(world, 'Both Sides', [
      { in: acme.id, roles: ['full_administrator'] },
      { in: stage.partnerId },
    ]);
    const supporter = await person(world, 'Sam Support', [
      { in: await organization(world, 'platform'), roles: ['full_administrator'] },
    ]);
    await showSecondFactor(world, supporter.email);
    const elsewhere = await stage.customer();
    for (const verb of ['approve', 'deny']) {
      const decide = (who: Pick<Cast, 'http'>) =>
        who.http.post(
          `${requests}/${id}/${verb}`,
          verb === 'approve' ? { email: grace.email, role: 'full_administrator' } : {},
        );
      for (const who of [external, owner, colleague]) expect(code(await decide(who))).toBe('404 not_found');
      expect(code(await decide(reader))).toBe('403 approver_not_full_administrator');
      expect(code(await decide(bothSides))).toBe('403 approver_in_requesting_partner');
      expect(code(await decide(grace))).toBe('403 approver_is_requester');
      expect(code(await decide(stage.partnersAdmin))).toBe('403 approver_not_full_administrator');
      expect(code(await decide(elsewhere.admin))).toBe('404 not_found');
      for (const who of [supporter, { http: world.support }])
        expect(code(await decide(who))).toBe('403 support_never_approves');
      expect(code(await decide({ http: await service(world, acme.id, ['full_administrator']) }))).toBe(
        '403 person_required',
      );
    }
    // Each side has it on record, the partner's without what the customer's own people tried.
    const codesOf = async (organizationId: string) =>
      (await stage.trail(organizationId, id))
        .filter(({ outcome, action }) => outcome === 'refused' && action.endsWith('.approved'))
        .map(({ facts, organizationIds }) => [facts['code'], organizationIds.length]);
    const ofPartner = [
      ['not_involved', 1],
      ['approver_is_requester', 1],
      ['approver_not_full_administrator', 1],
      ['support_never_approves', 1],
      ['support_never_approves', 1],
    ];
    expect(await codesOf(stage.partnerId)).toEqual(ofPartner);
    expect(await codesOf(acme.id)).toEqual([
      ['not_involved', 1],
      ['not_involved', 1],
      ['not_involved', 1],
      ['approver_not_full_administrator', 1],
      ['approver_in_requesting_partner', 1],
      ['approver_is_requester', 1],
      ['approver_not_full_administrator', 1],
      ['support_never_approves', 1],
      ['support_never_approves', 1],
    ]);
    // What a key tried is on record as such: it got no further than the door.
    const tried = await acme.admin.http.get(`/v1/organizations/${acme.id}/audit-events?action=api-key.used`);
    expect(tried.body.items.map(({ facts }: { facts: { code: string } }) => facts.code)).toEqual([
      'person_required',
      'person_required',
    ]);
    expect(code(await bothSides.http.post(`${requests}/${id}/cancel`))).toBe('403 not_your_request');
    expect((await acme.admin.http.get(`${requests}/${id}`)).body.status).toBe('pending');
  });

  it('asks again whether the requester still may', async () => {
    const acme = await stage.customer();
    const grace = await stage.requester();
    const id = await asked(grace, { customerId: acme.id });
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(
        Membership,
        { id: grace.memberIds[stage.partnerId] },
        { administratorRoles: ['help_desk_basic'] },
      ),
    );
    expect(code(await approve(acme.admin, id, grace))).toBe('409 requester_not_entitled');
  });

  it('withdraws what is open when the requester loses the role, and ends what was approved when they leave', async () => {
    const [acme, bolt] = [await stage.customer(), await stage.customer()];
    const grace = await stage.requester();
    const approved = await asked(grace, { customerId: acme.id });
    await approve(acme.admin, approved, grace);
    const open = await asked(grace, { customerId: bolt.id });
    const members = `/v1/organizations/${stage.partnerId}/members/${grace.memberIds[stage.partnerId]}`;
    expect((await stage.partnersAdmin.http.put(`${members}/administrator-roles`, { roles: [] })).status).toBe(200);
    expect((await bolt.admin.http.get(`${requests}/${open}`)).body).toMatchObject({
      status: 'cancelled',
      decisionReason: 'role_lost',
    });
    expect(await stage.actionsOf(bolt.id, open)).toEqual([
      'external-administrator.requested success',
      'external-administrator.cancelled success',
    ]);
    expect(await mayWrite(grace, acme.id)).toBe(true);

    expect((await stage.partnersAdmin.http.delete(members)).status).toBe(204);
    expect(await mayWrite(grace, acme.id)).toBe(false);
    expect((await acme.admin.http.get(`${requests}/${approved}`)).body.access).toMatchObject({
      status: 'ended',
      endReason: 'membership_removed',
    });
  });

  it('is settled by the first; the same again is no error, the opposite is a conflict with the state', async () => {
    const acme = await stage.customer();
    const grace = await stage.requester();
    const id = await asked(grace, { customerId: acme.id });
    const deny = () => acme.admin.http.post(`${requests}/${id}/deny`, { reason: 'We ordered nothing' });
    expect((await deny()).body).toMatchObject({ status: 'denied', decisionReason: 'We ordered nothing' });
    expect((await deny()).status).toBe(200);
    const late = await approve(acme.admin, id, grace);
    expect(code(late)).toBe('409 request_not_pending');
    expect(late.body.state).toEqual({ status: 'denied' });
    expect(code(await grace.http.post(`${requests}/${id}/cancel`))).toBe('409 request_not_pending');
    const mail = await world.mail.waitForMail({ to: grace.email, kind: 'external-administrator.denied' });
    expect(mail.text).toContain('We ordered nothing');
    // Nobody of the customer is named to the partner: it was not let in.
    expect((await grace.http.get(`${requests}/${id}`)).body).toMatchObject({ customerName: null, decidedBy: null });
    expect(JSON.stringify(await stage.trail(stage.partnerId, id))).not.toContain(acme.admin.accountId);
    expect(mail.text).not.toContain(acme.admin.displayName);
  });

  it('tells both sides of a denial that was unexpected', async () => {
    const acme = await stage.customer({ name: 'Surprised' });
    const grace = await stage.requester();
    const id = await asked(grace, { customerId: acme.id });
    await acme.admin.http.post(`${requests}/${id}/deny`, { unexpected: true });
    const mails = await untilIt(
      () => mailsAbout(world, id, [acme.admin, stage.partnersAdmin, grace]),
      (all) => all.filter((mail) => mail.startsWith('external-administrator.unexpected')).length >= 2,
    );
    expect(mails).toContain('external-administrator.unexpected to Surprised Admin');
    expect(mails).toContain('external-administrator.unexpected to Priya Partner');
  });

  it('is seen by those it concerns', async () => {
    const acme = await stage.customer();
    const grace = await stage.requester();
    const id = await asked(grace, { customerId: acme.id });
    const reader = await person(world, 'Reader', [{ in: acme.id, roles: ['read_only_administrator'] }]);
    const teammate = await person(world, 'Teammate', [{ in: acme.id }]);
    const colleague = await stage.requester('Colleague');
    const stranger = (await stage.customer()).admin;
    for (const who of [grace, acme.admin, reader, stage.partnersAdmin])
      expect((await who.http.get(`${requests}/${id}`)).status).toBe(200);
    for (const who of [teammate, colleague, stranger]) {
      expect((await who.http.get(`${requests}/${id}`)).status).toBe(404);
      expect(
        (await who.http.get(`${requests}?limit=200`)).body.items.map((one: { id: string }) => one.id),
      ).not.toContain(id);
    }
    expect((await acme.admin.http.get(requests)).body.items).toMatchObject([{ id, customerName: acme.name }]);
    expect((await acme.admin.http.get(`${requests}?status=approved`)).body.items).toEqual([]);
  });
});
