/**
 * Loaded before a program whose output is searched: it says PLANTED_CANARY on both of its streams and counts it in its
 * metrics, so that a search that finds nothing can be told from one that looks at nothing.
 */
import { Gauge } from 'prom-client';

const canary = process.env['PLANTED_CANARY'];
if (canary) {
  process.stdout.write(`planted ${canary}out\n`);
  process.stderr.write(`planted ${canary}err\n`);
  new Gauge({ name: 'planted_canary', help: 'Planted by a test', labelNames: ['value'] }).set({ value: canary }, 1);
}
