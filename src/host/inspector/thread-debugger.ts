/** What a thread knows of a client that is attached to it (relay.ts); no code. */
export interface ThreadDebugger {
  /** It has stopped the thread. */
  readonly isPaused: boolean;
  /** Lets the thread go on and leaves it; resolves when that is done. Never rejects. */
  release(): Promise<void>;
}
