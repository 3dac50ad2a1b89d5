/** Of each kind of kill. CI tries each once; `npm run test:faults` twenty times, and the other faults more thoroughly. */
export const trials = Number(process.env['FAULT_TRIALS'] ?? 1);
export const isThorough = trials > 1;
