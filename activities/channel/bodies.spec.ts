import { describe, expect, it } from '@jest/globals';
import { bodies } from './bodies.ts';

const message = {
  title: 'Grant access? <!channel> Eve & *Bob* asks for access to Harbour',
  facts: [{ label: 'Why', value: '[click](https://evil.example) <@U1>' }],
  link: { words: 'Review the request', url: 'https://countersign.example/elevations/1' },
};

/** Every object anywhere in the body. */
function objectsIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? inner : [value as Record<string, unknown>, ...inner];
}

describe('a message', () => {
  it('to Slack mentions nobody and links nothing but the page', () => {
    const objects = objectsIn(bodies.slack(message));
    expect(objects.map(({ type }) => type)).not.toContain('mrkdwn');
    expect(objects[0]?.['text']).toBe('Grant access? &lt;!channel&gt; Eve &amp; *Bob* asks for access to Harbour');
    expect(objects.flatMap(({ url }) => url ?? [])).toEqual([message.link.url]);
  });

  it('to Teams has no element that knows Markdown', () => {
    const objects = objectsIn(bodies.teams(message));
    expect(objects.map(({ type }) => type)).not.toContain('TextBlock');
    expect(objects.flatMap(({ type, text }) => (type === 'TextRun' ? [text] : []))).toEqual([
      message.title,
      'Why: ',
      message.facts[0]?.value,
    ]);
    expect(objects.flatMap(({ url }) => url ?? [])).toEqual([message.link.url]);
  });

  it.each(['slack', 'teams'] as const)('to %s says as much with nothing but a title', (chat) => {
    const text = JSON.stringify(bodies[chat]({ ...message, facts: [] }));
    expect(text).toContain('Review the request');
    expect(text).not.toContain('fields');
  });
});
