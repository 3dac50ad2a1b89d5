/** What the tests read a collection with. */
declare module '@usebruno/lang' {
  interface BrunoRequest {
    meta: { name: string };
    http: { method: string; url: string; auth: string };
    body?: { json?: string };
  }
  export function bruToJsonV2(text: string): BrunoRequest;
  export function bruToEnvJsonV2(text: string): { variables: { name: string; value: string; secret: boolean }[] };
}
