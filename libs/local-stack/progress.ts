/** Tells the person at the terminal what takes its time, one line a call. */
export type OnProgress = (message: string) => void;

export const silently: OnProgress = () => {};
