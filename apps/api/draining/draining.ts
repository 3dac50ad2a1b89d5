import { Injectable } from '@nestjs/common';

/** Whether this process is about to end: it is ready no more, and nobody is kept waiting. */
@Injectable()
export class Draining {
  private readonly controller = new AbortController();

  /** Aborted from the moment on that it is. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  begin(): void {
    this.controller.abort();
  }
}
