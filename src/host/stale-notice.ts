/** Between links.ts, which tells threads that links are stale, and whoever waits until they know; no code. */

/** Threads are told that their links to a service are stale. */
export interface StaleNotice {
  /**
   * All have heard of it, or do not answer at once: whoever is told of the switch reaches the new generation
   * through every Worker.
   */
  readonly soon: Promise<void>;
  /** All have heard of it, or are gone: nothing is sent to the old generation any more. */
  readonly all: Promise<void>;
}
