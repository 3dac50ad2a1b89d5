/** Calls the public API as an outside client would. */
export class DemoClient {
  constructor(
    private readonly baseUrl: string,
    private readonly token: string | null = null,
  ) {}

  as(token: string): DemoClient {
    return new DemoClient(this.baseUrl, token);
  }

  get<Body>(path: string): Promise<Body> {
    return this.call('GET', path);
  }

  post<Body>(path: string, body?: unknown): Promise<Body> {
    return this.call('POST', path, body);
  }

  put<Body>(path: string, body?: unknown): Promise<Body> {
    return this.call('PUT', path, body);
  }

  patch<Body>(path: string, body?: unknown): Promise<Body> {
    return this.call('PATCH', path, body);
  }

  async call<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const text = await this.textOf(method, path, body);
    return (text === '' ? undefined : JSON.parse(text)) as Body;
  }

  async textOf(method: string, path: string, body?: unknown): Promise<string> {
    const response = await fetch(`${this.baseUrl}${path}`, {
      method,
      headers: {
        ...(this.token && { authorization: `Bearer ${this.token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new ProblemAnswer(method, path, response.status, text);
    return text;
  }
}

/** The API said no; the demo shows some of these on purpose. */
export class ProblemAnswer extends Error {
  constructor(
    method: string,
    path: string,
    readonly status: number,
    readonly text: string,
  ) {
    super(`${method} ${path} answered ${status}: ${text}`);
  }

  get code(): string {
    return (JSON.parse(this.text) as { code: string }).code;
  }
}
