import { settingLabels, type AreaRuling } from '#access';
import { isErrorCode, Refusal } from '#contracts';

/** Which areas are in the way, by their ids and in words. */
export function refusedAreas({ code, areas }: Extract<AreaRuling, { allowed: false }>): Refusal {
  const message = `Not ${areas.map((area) => settingLabels[area]).join(', ')}`;
  return new Refusal(isErrorCode(code) ? code : 'forbidden', { areas, errors: [{ pointer: '/areas', message }] });
}
