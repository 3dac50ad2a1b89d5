import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mailKinds, renderMail, sampleMail } from '#mail';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let production: World;

beforeAll(async () => {
  world = await createWorld({ worker: false });
  production = await createWorld({ worker: false, environment: { NODE_ENV: 'production' } });
}, 60_000);

afterAll(async () => {
  await world?.stop();
  await production?.stop();
});

describe('the page that shows every mail', () => {
  it('lists them all, with the subject people will read', async () => {
    const page = await world.visitor.get('/development/mails');
    expect(page.status).toBe(200);
    for (const kind of mailKinds) expect(page.body).toContain(`/development/mails/${kind}"`);
  });

  it.each(mailKinds)('shows %s as it goes out, with nothing loaded from elsewhere', async (kind) => {
    const html = await world.visitor.get(`/development/mails/${kind}`);
    expect(html.body).toBe(renderMail(kind, sampleMail(kind)).html);
    expect(html.headers.get('content-security-policy')).toContain("default-src 'none'");
    const text = await world.visitor.get(`/development/mails/${kind}/text`);
    expect(text.body).toContain(renderMail(kind, sampleMail(kind)).text);
  });

  it('does not exist in production', async () => {
    expect((await production.visitor.get('/development/mails')).status).toBe(404);
    expect((await production.visitor.get('/development/mails/elevation.requested')).status).toBe(404);
  });
});
