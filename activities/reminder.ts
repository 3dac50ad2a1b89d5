/** Halfway between the asking and the deadline: late enough not to nag, early enough to act. */
export function reminderAt(askedAt: Date, deadline: Date): Date {
  return new Date((askedAt.getTime() + deadline.getTime()) / 2);
}
