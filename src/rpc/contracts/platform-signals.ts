/**
 * The abort signals of the platform as the engine uses them. Whoever hosts the engine in a Worker's thread
 * implements it (`RpcHost.signals`); without, they are those of the process. No code.
 */

/** An AbortSignal, of whatever class. */
export interface Signal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options: { readonly once: true }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

export interface SignalPlatform {
  readonly prototype: object;
  isSignal(value: object): value is Signal;
  /** One that has fired. */
  aborted(reason: unknown): Signal;
  /** One that `abort` fires. */
  create(): { readonly signal: Signal; abort(reason: unknown): void };
}
