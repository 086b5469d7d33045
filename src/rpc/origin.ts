/** Where stubs and results came from: what a report says when one of them leaks. */

/** Where a stub or a result came from; the stack is read only if it leaks. */
export interface Origin {
  /** E.g. `getCounter()`. */
  readonly what: string;
  readonly binding: string;
  /** Where it was made, or awaited if it is (part of) a result. */
  at: StackHolder | undefined;
  /** Nobody can dispose a result that nobody awaited. */
  observed: boolean;
}

export interface StackHolder {
  readonly stack: string;
}

export const nowhere: StackHolder = { stack: "" };

/** A stack of a few frames, formatted only when somebody reads it; to take it costs about 5 us. */
export function captureOrigin(below: (...args: never[]) => unknown): StackHolder {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 6;
  const holder = {} as StackHolder;
  Error.captureStackTrace(holder, below);
  Error.stackTraceLimit = stackTraceLimit;
  return holder;
}
