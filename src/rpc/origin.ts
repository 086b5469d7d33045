/** Where stubs and results came from: what a report says when one of them leaks. */

/** Where a stub came from; the stack is read only if the stub leaks. */
export interface Origin {
  /** E.g. `getCounter()`. */
  readonly what: string;
  readonly binding: string;
  /** Where it was made; undefined for what arrived with a call or its result. */
  readonly at: StackHolder | undefined;
  /** The call whose result it is part of: nobody can dispose what nobody awaited. */
  readonly question?: {
    readonly observed: boolean;
    readonly arrivedAt: StackHolder | undefined;
  };
}

export interface StackHolder {
  readonly stack: string;
}

/** A stack of a few frames, formatted only when somebody reads it; to take it costs about 5 us. */
export function captureOrigin(below: (...args: never[]) => unknown): StackHolder {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 6;
  const holder = {} as StackHolder;
  Error.captureStackTrace(holder, below);
  Error.stackTraceLimit = stackTraceLimit;
  return holder;
}
