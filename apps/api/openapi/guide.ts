/** From nothing to an answer in five steps: what the document and its page open with. Code stands between backquotes. */
export const introduction =
  'A workflow engine for approval-based access: invites, help-desk elevation, external administrators.';

export const steps = [
  {
    title: 'Sign in.',
    text: '`POST /v1/sessions` with e-mail address and password answers a `token`; a service uses an API key of its organization instead. Send either as `Authorization: Bearer …`.',
  },
  {
    title: 'Find the customer.',
    text: '`GET /v1/organizations?query=harbour` lists what you may see.',
  },
  {
    title: 'Ask.',
    text: '`POST /v1/elevations` with `customerId` and `reason`. Send an `Idempotency-Key`, and a repeated request is the same request.',
  },
  {
    title: 'Wait.',
    text: "`GET /v1/elevations/{id}?wait=30` answers at the next change of state. The customer's administrator decides by `POST …/approve` or `POST …/deny`.",
  },
  {
    title: 'Ask before each privileged act.',
    text: '`POST /access/v1/evaluation` answers `decision`, and until when it holds.',
  },
] as const;

export const question = (publicUrl: string) => `curl -s ${publicUrl}/access/v1/evaluation \\
  -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{
  "subject": {"type": "account", "id": "…"}, "action": {"name": "write"},
  "resource": {"type": "setting", "id": "devices", "properties": {"organizationId": "…"}}}'`;

export const conventions =
  'Errors are `application/problem+json` with a stable `code` and, in `next`, what to do. Lists have `?limit=&cursor=` and answer `{items, nextCursor}`. Every resource has an `ETag`; send it as `If-Match`, and a change of what you have not seen is 412.';

/** The same as Markdown, for the document's own description. */
export const guide = (publicUrl: string): string =>
  [
    introduction,
    steps.map(({ title, text }, index) => `${index + 1}. **${title}** ${text}`).join('\n'),
    `\`\`\`\n${question(publicUrl)}\n\`\`\``,
    conventions,
  ].join('\n\n');
