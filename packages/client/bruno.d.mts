/** What each file of the collection holds, by its path. */
export function brunoCollection(document: object): Map<string, string>;
