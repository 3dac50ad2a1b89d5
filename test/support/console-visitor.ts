import type { HttpClient } from './http-client.ts';

export interface ShownPage {
  status: number;
  html: string;
  /** Where the browser was sent on to. */
  location: string | null;
}

/** Opens pages and sends their forms with the session of a signed-in client, as its browser would. */
export class ConsoleVisitor {
  constructor(private readonly client: HttpClient) {}

  open(path: string): Promise<ShownPage> {
    return this.fetch(path, {});
  }

  /** Sends the form of the page at `from`. */
  async send(from: string, path: string, fields: Record<string, string>): Promise<ShownPage> {
    const { html } = await this.open(from);
    const token = /name="form_token" value="([^"]+)"/.exec(html)?.[1] ?? '';
    return this.fetch(path, { method: 'POST', body: new URLSearchParams({ ...fields, form_token: token }) });
  }

  private async fetch(path: string, init: RequestInit): Promise<ShownPage> {
    const response = await fetch(`${this.client.baseUrl}${path}`, {
      ...init,
      redirect: 'manual',
      headers: { cookie: `countersign=${this.client.token}`, accept: 'text/html' },
    });
    return { status: response.status, html: await response.text(), location: response.headers.get('location') };
  }
}
