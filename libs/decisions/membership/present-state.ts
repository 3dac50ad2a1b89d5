import type { RefusalDetails } from '#contracts';

/** What a refusal by a last-one rule tells of how things stand. */
const details: Readonly<Record<string, RefusalDetails>> = {
  last_owner: { state: { owners: 1 } },
  last_full_administrator: { state: { fullAdministrators: 1 } },
};

export const presentState = (code: string): RefusalDetails => details[code] ?? {};
