export interface Opened {
  url: URL;
  status: number;
  body: unknown;
}

/** What a browser does with addresses, forms and cookies, and no more. */
export class Browser {
  private readonly jars = new Map<string, Map<string, string>>();
  /** Every `Set-Cookie` it was sent. */
  readonly seen: string[] = [];

  /** The address that answered without sending the browser on, and its answer. */
  open(address: string, accept = 'application/json'): Promise<Opened> {
    return this.follow(new URL(address), { accept, upTo: () => false });
  }

  /** Opens a page and presses the button of its one form to that path; where there is none, the page is the end. */
  async press(address: string, accept = 'application/json', upTo: (url: URL) => boolean = () => false) {
    const page = await this.open(address, 'text/html');
    const form = formOf(page);
    // As a program reads it: the problem and not its page.
    if (!form) return accept === 'text/html' ? page : this.open(address, accept);
    return this.follow(form.action, { accept, upTo, form: form.fields });
  }

  private async follow(
    start: URL,
    { accept, upTo, form }: { accept: string; upTo: (url: URL) => boolean; form?: URLSearchParams },
  ): Promise<Opened> {
    let url = start;
    let body = form;
    for (let hop = 0; hop < 15; hop += 1) {
      const response = await fetch(url, {
        redirect: 'manual',
        headers: { cookie: this.cookies(url), accept },
        ...(body && { method: 'POST', body }),
      });
      body = undefined;
      for (const cookie of response.headers.getSetCookie()) this.keep(url, cookie);
      const location =
        response.headers.get('location') ?? /^0; url=(.+)$/.exec(response.headers.get('refresh') ?? '')?.[1];
      const text = await response.text();
      if (!location) return { url, status: response.status, body: parsed(text) };
      url = new URL(location, url);
      // A native client's own address: nothing of ours answers there.
      if (url.port === '9' || upTo(url)) return { url, status: response.status, body: null };
    }
    throw new Error(`Sent on without end, at last to ${url.href}`);
  }

  /** Every cookie it would send there, as the header has them. */
  cookiesFor(address: string): string {
    return this.cookies(new URL(address));
  }

  /** A cookie as if the site had set it. */
  accept(origin: string, cookie: string): void {
    this.keep(new URL(origin), cookie);
  }

  cookie(origin: string, name: string): string | undefined {
    return this.jars.get(origin)?.get(name);
  }

  forget(origin: string): void {
    this.jars.delete(origin);
  }

  private cookies({ origin }: URL): string {
    return [...(this.jars.get(origin) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  private keep({ origin }: URL, cookie: string): void {
    this.seen.push(cookie);
    const [pair = '', ...attributes] = cookie.split('; ');
    const at = pair.indexOf('=');
    const jar = this.jars.get(origin) ?? new Map<string, string>();
    const expires = attributes.find((attribute) => /^expires=/i.test(attribute))?.slice('expires='.length);
    if (expires !== undefined && new Date(expires) < new Date()) jar.delete(pair.slice(0, at));
    else jar.set(pair.slice(0, at), pair.slice(at + 1));
    this.jars.set(origin, jar);
  }
}

/** The form of the page that begins a sign-in. */
function formOf({ url, status, body }: Opened): { action: URL; fields: URLSearchParams } | null {
  if (status !== 200 || typeof body !== 'string') return null;
  const [, action, inside = ''] =
    /<form[^>]*method="post" action="(\/sso\/[^"]+)"[^>]*>(.*?)<\/form>/s.exec(body) ?? [];
  if (!action) return null;
  const fields = new URLSearchParams();
  for (const [, name = '', value = ''] of inside.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)) {
    fields.set(name, value.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='));
  }
  return { action: new URL(action, url), fields };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
