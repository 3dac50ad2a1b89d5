import type { Chat } from '#contracts';
import type { ChatMessage } from './chat-message.ts';

/**
 * The message in the form each chat takes at an incoming webhook. Only elements without markup of their own: what a
 * person wrote stays text, wherever it looks like a mention, a link or bold letters.
 */
export const bodies: Readonly<Record<Chat, (message: ChatMessage) => object>> = {
  // Block Kit, docs.slack.dev/reference/block-kit; `text` is what a notification shows.
  slack: ({ title, facts, link }) => ({
    text: escaped(title),
    blocks: [
      { type: 'section', text: plain(title) },
      ...(facts.length > 0
        ? [{ type: 'section', fields: facts.map(({ label, value }) => plain(`${label}: ${value}`)) }]
        : []),
      { type: 'actions', elements: [{ type: 'button', text: plain(link.words), url: link.url }] },
    ],
  }),
  // An adaptive card, adaptivecards.io; text runs know no Markdown, and text blocks do.
  teams: ({ title, facts, link }) => ({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            paragraph({ text: title, weight: 'Bolder', size: 'Medium' }),
            ...facts.map(({ label, value }) => paragraph({ text: `${label}: `, weight: 'Bolder' }, { text: value })),
          ],
          actions: [{ type: 'Action.OpenUrl', title: link.words, url: link.url }],
        },
      },
    ],
  }),
};

/** Slack's bound on a field of text. */
const longestField = 2000;

const plain = (text: string) => ({ type: 'plain_text', text: text.slice(0, longestField), emoji: false });

const paragraph = (...runs: { text: string; weight?: string; size?: string }[]) => ({
  type: 'RichTextBlock',
  inlines: runs.map((run) => ({ type: 'TextRun', ...run })),
});

/** Slack's three control characters: nobody is mentioned and nothing linked. */
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
