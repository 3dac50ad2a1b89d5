/** Throws where the resource is not as the caller believes; asked with the row locked and the right judged. */
export type Precondition = (present: () => Promise<unknown>) => Promise<void>;

export const unconditionally: Precondition = async () => {};
