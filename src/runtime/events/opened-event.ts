/** An event as a handler gets it; no code. One file of this folder makes it for each kind. */
import type { EventAnswer } from "../../protocol/events.ts";

export interface OpenedEvent {
  /** Name of the handler. */
  readonly handler: "scheduled" | "queue" | "connect" | "email";
  /** Its first argument. */
  readonly argument: object;
  /** Said before the error, if there is no such handler; production's words. */
  readonly missing: string;
  readonly missingError: string;
  /** Instead of an error: `result` then says that nobody was there. */
  readonly onMissing?: () => void;
  /** False: the answer does not wait for waitUntil work. */
  readonly waitsForTasks?: boolean;
  /** The handler has settled, well or not: what is left to do before the end. */
  settled?(): Promise<void>;
  /** What the answer says beside the outcome; asked once, at the end. */
  result(): Partial<EventAnswer>;
}
