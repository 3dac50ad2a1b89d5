import { UsageError } from '../cli-errors.ts';

const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400 };

/** `45m`, `2h`, `1d` or plain seconds. @throws UsageError */
export function seconds(text: string): number {
  const [, amount, unit = ''] = /^(\d+)([smhd]?)$/.exec(text) ?? [];
  if (amount === undefined) throw new UsageError(`A time is 45m, 2h, 1d or a number of seconds, not ${text}`);
  return Number(amount) * (units[unit] ?? 1);
}
