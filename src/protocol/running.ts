/**
 * What a Worker's thread says of itself in shared memory, so that the host's main thread can see
 * which invocation computes without asking: a thread in a loop answers nothing. Words of an
 * Int32Array, written whenever something of an invocation goes on (an event arrives, a timer fires,
 * something that it waited for is there), and left as they are when it pauses. They are not written
 * together, so a reader may see the halves of two; a thread that is in a loop does not write.
 */
export const Running = {
  /** Number of the invocation in its thread, from 1; 0 before the first. */
  invocation: 0,
  /** Where it came from: FRONT_DOOR, the number that the host gave a link, or NO_LINK. */
  link: 1,
  /** The request's id on the front door's port, or the number of the session at its opener. */
  id: 2,
  /** How often another invocation than before went on; wraps around. */
  changes: 3,
  /** ms of CPU time that it may use, if that is not what the thread's Worker may; else 0. */
  limit: 4,
} as const;

export const RUNNING_BYTES: number = 5 * Int32Array.BYTES_PER_ELEMENT;

/** The "link" of requests. */
export const FRONT_DOOR = 0;
/** A link that the host did not make: to the Worker itself. */
export const NO_LINK = -1;
/** Every link that another process opened; its sessions have numbers of their own (last-words.ts). */
export const OTHER_PROCESS = -2;
