/** What the whole API is given from outside, by injection token. */
export const configuration = Symbol('configuration');
export const matrices = Symbol('matrices');
/** How TXT records are looked up. */
export const resolveText = Symbol('resolveText');
