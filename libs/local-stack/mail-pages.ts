import { createServer, type ServerResponse } from 'node:http';
import type { CaughtMail } from './caught-mail.ts';

interface Mailbox {
  mails(): readonly CaughtMail[];
  clear(): Promise<void>;
}

export interface MailPages {
  readonly url: string;
  stop(): Promise<void>;
}

/** A mail's own HTML: no scripts, nothing loaded; links open in a new tab, for they lead to the application. */
const MAIL_POLICY =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'";

/** Serves `/` (list), `/mails/{id}` (one mail), `/mails/{id}/html` (its HTML) and `/mails.json` on loopback. */
export async function startMailPages(port: number, mailbox: Mailbox): Promise<MailPages> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const [, id, part] = /^\/mails\/([\w-]+)(\/html)?$/.exec(pathname) ?? [];
    const mail = mailbox.mails().find((candidate) => candidate.id === id);

    if (request.method === 'POST' && pathname === '/clear') {
      // A page of another site may send a form here, too; its Origin gives it away.
      if (!isOwnOrigin(request.headers.origin, request.headers.host))
        return send(response, 403, 'text/plain', 'Forbidden');
      mailbox.clear().then(
        () => response.writeHead(303, { location: '/' }).end(),
        () => send(response, 500, 'text/plain', 'The mails could not be removed'),
      );
      return;
    }
    if (pathname === '/') return send(response, 200, 'text/html', listPage(mailbox.mails()));
    if (pathname === '/mails.json') return send(response, 200, 'application/json', JSON.stringify(mailbox.mails()));
    if (mail && part) return send(response, 200, 'text/html', `<base target="_blank">${mail.html}`, MAIL_POLICY);
    if (mail) return send(response, 200, 'text/html', mailPage(mail));
    send(response, 404, 'text/plain', 'There is no such mail');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  return origin === undefined || origin === `http://${host}`;
}

function send(response: ServerResponse, status: number, type: string, body: string, policy = PAGE_POLICY): void {
  response
    .writeHead(status, {
      'content-type': `${type}; charset=utf-8`,
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    .end(body);
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string) => text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? character);

const page = (title: string, body: string) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)}</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
  table { width: 100%; border-collapse: collapse; }
  th, td { padding: 0.5rem; border-bottom: 1px solid #8884; text-align: left; vertical-align: top; }
  iframe { width: 100%; height: 32rem; border: 1px solid #8888; background: #fff; }
  pre { padding: 1rem; border: 1px solid #8888; white-space: pre-wrap; overflow-wrap: anywhere; }
</style></head>
<body>${body}</body></html>`;

function listPage(mails: readonly CaughtMail[]): string {
  const rows = mails.toReversed().map(
    (mail) => `<tr><td><a href="/mails/${mail.id}">${escape(mail.subject || '(no subject)')}</a></td>
<td>${escape(mail.to.join(', '))}</td><td>${escape(mail.kind)}</td>
<td><time datetime="${mail.receivedAt}">${mail.receivedAt}</time></td></tr>`,
  );
  return page(
    'Caught mail',
    `<h1>Caught mail</h1><p>Nothing here was delivered. Newest first; reload for more.</p>
<table><thead><tr><th>Subject</th><th>To</th><th>Kind</th><th>Received (UTC)</th></tr></thead>
<tbody>${rows.join('\n') || '<tr><td colspan="4">No mail yet.</td></tr>'}</tbody></table>
<form method="post" action="/clear"><p><button>Remove all</button></p></form>`,
  );
}

function mailPage(mail: CaughtMail): string {
  return page(
    mail.subject,
    `<p><a href="/">All mails</a></p><h1>${escape(mail.subject)}</h1>
<p>To ${escape(mail.to.join(', '))}, from ${escape(mail.from)}, ${mail.receivedAt}${mail.kind ? `, ${escape(mail.kind)}` : ''}</p>
${mail.html ? `<h2>As HTML</h2><iframe title="The mail as HTML" src="/mails/${mail.id}/html" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>` : ''}
<h2>As text</h2><pre>${escape(mail.text)}</pre>`,
  );
}
