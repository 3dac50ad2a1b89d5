import type { Answer, HttpClient } from './http-client.ts';
import type { Person } from './people.ts';

/** One AuthZEN question about a setting of an organization. */
export function question(accountId: string, action: string, setting: string, organizationId: string) {
  return {
    subject: { type: 'account', id: accountId },
    action: { name: action },
    resource: { type: 'setting', id: setting, properties: { organizationId } },
  };
}

/** "May I do this now?", with the reasons. */
export async function ask(person: Person, action: string, setting: string, organizationId: string): Promise<Answer> {
  return person.http.post('/access/v1/evaluation', question(person.accountId, action, setting, organizationId));
}

/** The strongest level the evaluation API gives the person: none, read or write. */
export async function levelOf(
  person: Person,
  setting: string,
  organizationId: string,
): Promise<'none' | 'read' | 'write'> {
  const answer = await person.http.post('/access/v1/evaluations', {
    evaluations: ['read', 'write'].map((action) => question(person.accountId, action, setting, organizationId)),
  });
  if (answer.status !== 200) throw new Error(`Evaluations answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  const [read, write] = answer.body.evaluations;
  return write.decision ? 'write' : read.decision ? 'read' : 'none';
}

/** Actions of the audit events about a subject, oldest first. */
export async function trailOf(http: HttpClient, organizationId: string, subjectId: string): Promise<string[]> {
  const trail = await http.get(`/v1/organizations/${organizationId}/audit-events?subjectId=${subjectId}&limit=200`);
  if (trail.status !== 200) throw new Error(`The trail answered ${trail.status}: ${JSON.stringify(trail.body)}`);
  return trail.body.items.map((event: { action: string }) => event.action).toReversed();
}
