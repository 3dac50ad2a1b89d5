import { describe, expect, it } from '@jest/globals';
import {
  grantEndings,
  type MailKind,
  mailKinds,
  mailVariables,
  renderMail,
  type RenderedMail,
  sampleMail,
} from './index.ts';

const request = sampleMail('elevation.requested');
/** What a caller without type checking could hand in. */
function renderUnchecked(kind: MailKind, variables: Record<string, unknown>): RenderedMail {
  return Reflect.apply(renderMail, undefined, [kind, variables]);
}

const hrefs = (html: string) => [...html.matchAll(/(?:href|src|action)="([^"]*)"/g)].map((match) => match[1] ?? '');
/** Handlebars writes "=" as an entity; a browser reads it as "=" again. */
const decoded = (text: string) => text.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&');

/** The HTML as a sequence of tags: what somebody wrote must not change it. */
const tags = (html: string) =>
  [...html.matchAll(/<[^>]*>/g)].map((match) => match[0]).filter((tag) => tag !== '<br />');
const ownLines = (text: string) => text.split('\n').filter((line) => !line.startsWith('>'));

describe('every kind of mail', () => {
  it.each(mailKinds)('renders %s with its sample', (kind) => {
    const variables = sampleMail(kind);
    const mail = renderMail(kind, variables);
    expect(mail.subject.length).toBeGreaterThan(10);
    expect(mail.subject.length).toBeLessThanOrEqual(150);
    for (const part of [mail.subject, mail.text, mail.html]) {
      expect(part).not.toMatch(/\{\{|\}\}|undefined|null|NaN|\[object|Invalid Date|nothing entered/);
    }
    expect(mail.text).toContain('You get this mail because');
    expect(mail.html).toContain('You get this mail because');
    const links = 'url' in variables ? [variables.url] : [];
    expect(hrefs(mail.html).map(decoded)).toEqual(links);
    expect(mail.text.match(/https?:\/\/\S+/g) ?? []).toEqual(links);
    expect(mail.html).not.toMatch(/<(?:script|link|img|iframe|form|input)\b|@import|url\(/i);
  });

  it.each(mailKinds)('refuses %s when any required variable is missing or an unknown one is there', (kind) => {
    const variables: Record<string, unknown> = { ...sampleMail(kind) };
    const shape = mailVariables[kind].shape as Record<string, { safeParse(value: unknown): { success: boolean } }>;
    for (const [key, schema] of Object.entries(shape)) {
      const { [key]: _left, ...others } = variables;
      if (schema.safeParse(undefined).success) expect(() => renderUnchecked(kind, others)).not.toThrow();
      else expect(() => renderUnchecked(kind, others)).toThrow();
    }
    expect(() => renderUnchecked(kind, { ...variables, account: { email: 'a@b.example' } })).toThrow();
  });

  it('shows every variable of a request for access in both parts', () => {
    const mail = renderMail('elevation.requested', request);
    for (const part of [mail.html, mail.text]) {
      for (const shown of [
        'Grace Park',
        'grace.park@northwind.example',
        'Northwind Services',
        'Harbour Logistics',
        'INC-20417',
        '1 hour from your approval',
        'Users and licences, devices',
        '1 hour, by Sunday 22 November 2026, 10:30 UTC',
        'The desk phones in Hamburg stopped registering this morning.',
        'Review the request',
      ]) {
        expect(part).toContain(shown);
      }
    }
  });

  it('leaves out what is optional and absent', () => {
    const { ticket: _ticket, ...withoutTicket } = request;
    expect(renderMail('elevation.requested', withoutTicket).text).not.toContain('Ticket');
    expect(renderMail('elevation.denied', { ...sampleMail('elevation.denied'), reason: null }).text).not.toContain('>');
    expect(
      renderMail('external-administrator.approved', { ...sampleMail('external-administrator.approved'), until: null })
        .text,
    ).toContain('Until: removed by the customer');
  });

  it.each(grantEndings)('tells how and by whom access ended: %s', (how) => {
    const said = {
      expired: 'The agreed time is over.',
      revoked: 'It was revoked by Maria Lindqvist before',
      returned: 'It was given back by Maria Lindqvist.',
      superseded: 'A newer approval has taken its place',
      ended: 'no longer exists (changed by Maria Lindqvist).',
    };
    for (const kind of ['elevation.ended', 'help-desk-session.ended', 'external-administrator.ended'] as const) {
      const named = renderMail(kind, { ...sampleMail(kind), how, endedByName: 'Maria Lindqvist' });
      expect(named.text).toContain(said[how]);
      expect(named.html.replaceAll(/\s+/g, ' ')).toContain(said[how]);
      const others = Object.entries(said).filter(([other]) => other !== how);
      for (const [, sentence] of others) expect(named.text).not.toContain(sentence);
      expect(renderMail(kind, { ...sampleMail(kind), how, endedByName: null }).text).not.toContain(' by .');
    }
  });
});

describe('text that a person wrote', () => {
  const hostile = [
    ['markup', '<script>alert(1)</script><a href="https://evil.example">Grant access</a>'],
    ['an attribute', '" onmouseover="alert(1)" x="\' onfocus=\'alert(1)'],
    ['a template', '{{constructor}}{{{url}}}{{#if reason}}x{{/if}}{{lookup this "constructor"}}{{> layout}}'],
    ['prototype names', '__proto__ constructor toString'],
    ['header lines', 'Grace\r\nBcc: victim@example.com\r\n\r\nGrant access:\r\nhttps://evil.example/'],
    ['other line breaks', 'Grace\u2028Grant access:\u2029https://evil.example/\u0085x\v\f\u0000'],
    ['reversed direction', 'Grace \u202Egpj.exe\u202C \u2066x\u2069 \u200B'],
    ['a comment and a conditional one', '--><!--[if mso]><p>x</p><![endif]-->'],
    ['a lone surrogate', 'Grace \uD83D Park'],
    ['ten kilobytes', 'x'.repeat(10_240)],
    ['ten kilobytes of emoji', '👩‍🚒'.repeat(2_000)],
    ['ten kilobytes of lines', 'Grant access:\n'.repeat(740)],
    ['nothing', ''],
    ['blanks only', ' \r\n\t '],
  ] as const;
  const plain = renderMail('elevation.requested', request);
  it.each(hostile)('stays inert: %s', (_what, text) => {
    const mail = renderMail('elevation.requested', {
      ...request,
      requesterName: text,
      partnerName: text,
      customerName: text,
      reason: text,
      ticket: text || 'x',
    });
    expect(tags(mail.html)).toEqual(tags(plain.html));
    expect(hrefs(mail.html)).toEqual([request.url]);
    // As many lines of ours as without: nothing that somebody wrote begins one.
    expect(ownLines(mail.text)).toHaveLength(ownLines(plain.text).length);
    expect(mail.text.match(/https?:\/\/[^\s\u200C]+/g)).toEqual([request.url]);
    expect(mail.subject).not.toMatch(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u);
    expect(Array.from(mail.subject).length).toBeLessThanOrEqual(150);
    for (const part of [mail.subject, mail.text, mail.html]) {
      expect(part).not.toMatch(/[\u2028\u2029\u202A-\u202E\u2066-\u2069]|\p{Cs}/u);
      expect(part).not.toContain('function Object');
    }
    expect(mail.html.length).toBeLessThan(plain.html.length + 40_000);
  });

  it('is shown as it was written where it is harmless', () => {
    const mail = renderMail('elevation.requested', {
      ...request,
      requesterName: "Zoë O'Brien {{admin}}",
      reason: 'a\n\nb <c>',
    });
    expect(mail.subject).toContain("Zoë O'Brien {{admin}}");
    expect(mail.text).toContain("Who: Zoë O'Brien {{admin}}\n");
    expect(mail.text).toContain('\n> a\n>\n> b <c>\n');
    expect(mail.html).toContain('Zoë O&#x27;Brien {{admin}}');
    expect(mail.html).toContain('a<br /><br />b &lt;c&gt;');
  });

  it('keeps the joiners that names and emoji are written with', () => {
    const mail = renderMail('elevation.requested', {
      ...request,
      requesterName: 'علی‌رضا 👩‍🚒',
      partnerName: 'a\u202Eb',
    });
    expect(mail.text).toContain('Who: علی‌رضا 👩‍🚒\n');
    expect(mail.text).toContain('Partner: ab\n');
  });

  it('is cut with an ellipsis, names sooner than reasons', () => {
    const mail = renderMail('elevation.requested', {
      ...request,
      requesterName: 'n'.repeat(500),
      reason: 'r'.repeat(3000),
    });
    expect(mail.text).toContain(`Who: ${'n'.repeat(119)}…\n`);
    expect(mail.text).toContain(`> ${'r'.repeat(1999)}…\n`);
  });

  it('keeps domains and addresses in it from becoming links', () => {
    const mail = renderMail('elevation.denied', {
      ...sampleMail('elevation.denied'),
      reason: 'see evil.example/login or https://a.b',
    });
    expect(mail.text).not.toMatch(/evil\.example|https:\/\/a/);
    expect(mail.text.replaceAll('\u200C', '')).toContain('> see evil.example/login or https://a.b');
  });
});

describe('links', () => {
  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://countersign.example/',
    '//countersign.example/',
    '/elevations/1',
    'https://user:secret@countersign.example/',
    'https://countersign.example/" onclick="x',
    'https://countersign.example/\r\nX: y',
    '',
  ])('refuses %j', (url) => {
    expect(() => renderMail('elevation.requested', { ...request, url })).toThrow();
  });

  it.each(['http://localhost:3000/elevations/1', 'http://127.0.0.1:3000/e', 'https://c.example/e/1?a=b&c=d#e'])(
    'keeps %s',
    (url) => {
      const mail = renderMail('elevation.requested', { ...request, url });
      expect(mail.text).toContain(`\n${url}\n`);
      expect(hrefs(mail.html).map(decoded)).toEqual([url]);
    },
  );
});

it.each(['a@b.example, c@d.example', 'A <a@b.example>', 'a@b.example\r\nBcc: c@d.example', 'a@b@c', 'a'])(
  'refuses %j as an address',
  (requesterAddress) => {
    expect(() => renderMail('elevation.requested', { ...request, requesterAddress })).toThrow();
  },
);
