/** What `/docs` opens with: from nothing to an answer in five steps. */
export const guide = (
  publicUrl: string,
) => `A workflow engine for approval-based access: invites, help-desk elevation, external administrators.

1. **Sign in.** \`POST /v1/sessions\` with e-mail address and password answers a \`token\`; a service uses an API key of its organization instead. Send either as \`Authorization: Bearer …\`.
2. **Find the customer.** \`GET /v1/organizations?query=harbour\` lists what you may see.
3. **Ask.** \`POST /v1/elevations\` with \`customerId\` and \`reason\`; send an \`Idempotency-Key\`, and a repeated request is the same request.
4. **Wait.** \`GET /v1/elevations/{id}?wait=30\` answers at the next change of state. The customer's administrator decides by \`POST …/approve\` or \`…/deny\`.
5. **Ask before each privileged act.** \`POST /access/v1/evaluation\` answers \`decision\` and until when it holds.

\`\`\`
curl -s ${publicUrl}/access/v1/evaluation -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{
  "subject": {"type": "account", "id": "…"}, "action": {"name": "write"},
  "resource": {"type": "setting", "id": "devices", "properties": {"organizationId": "…"}}}'
\`\`\`

Errors are \`application/problem+json\` with a stable \`code\` and, in \`next\`, what to do. Lists have \`?limit=&cursor=\` and answer \`{items, nextCursor}\`. Every resource has an \`ETag\`; send it as \`If-Match\`, and a change of what you have not seen is 412.`;
