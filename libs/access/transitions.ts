/** A state machine as data: from each state the states that may follow. A state nothing follows is final. */
export type Transitions<State extends string> = Readonly<Record<State, readonly State[]>>;

export const mayTransition = <State extends string>(transitions: Transitions<State>, from: State, to: State): boolean =>
  transitions[from].includes(to);

export const isFinal = <State extends string>(transitions: Transitions<State>, state: State): boolean =>
  transitions[state].length === 0;
