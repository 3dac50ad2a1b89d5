/** What keeps the local stack from running, told to the person who started it: the message says what to do next. */
export class LocalStackError extends Error {
  override readonly name: string = 'LocalStackError';
}

/** What stands in the data folder can't be used. */
export class DataFolderError extends LocalStackError {
  override readonly name = 'DataFolderError';

  constructor(problem: string, options?: ErrorOptions) {
    super(`${problem}\nNext: restore it, or set DATA_DIR to another folder to start anew without its data.`, options);
  }
}
