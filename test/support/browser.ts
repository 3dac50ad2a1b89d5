/** What a browser does with addresses and cookies, and no more. */
export class Browser {
  private readonly jars = new Map<string, Map<string, string>>();

  /** The address that answered without sending the browser on, and its answer. */
  async open(address: string, accept = 'application/json'): Promise<{ url: URL; status: number; body: unknown }> {
    let url = new URL(address);
    for (let hop = 0; hop < 15; hop += 1) {
      const response = await fetch(url, { redirect: 'manual', headers: { cookie: this.cookies(url), accept } });
      for (const cookie of response.headers.getSetCookie()) this.keep(url, cookie);
      const location = response.headers.get('location');
      const text = await response.text();
      if (!location) return { url, status: response.status, body: parsed(text) };
      url = new URL(location, url);
      // A native client's own address: nothing of ours answers there.
      if (url.port === '9') return { url, status: response.status, body: null };
    }
    throw new Error(`Sent on without end, at last to ${url.href}`);
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
    const [pair = '', ...attributes] = cookie.split('; ');
    const at = pair.indexOf('=');
    const jar = this.jars.get(origin) ?? new Map<string, string>();
    const expires = attributes.find((attribute) => /^expires=/i.test(attribute))?.slice('expires='.length);
    if (expires !== undefined && new Date(expires) < new Date()) jar.delete(pair.slice(0, at));
    else jar.set(pair.slice(0, at), pair.slice(at + 1));
    this.jars.set(origin, jar);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
