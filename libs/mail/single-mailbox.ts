/**
 * One mailbox without display name or invisible characters: anything else could smuggle in a second recipient or show
 * another address than it is.
 */
export const singleMailbox = /^[^\s\p{C}@<>",;:\\]+@[^\s\p{C}@<>",;:\\]+$/u;
