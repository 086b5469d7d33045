/**
 * What stands behind a stub: a reference-counted handle on something that can be asked. Two kinds:
 * an object of this thread (calls/target-hook.ts) and an export of a peer (calls/import-hook.ts).
 * `dup()` of a stub retains its hook, dispose releases it; a group of stubs shares one hook, and the
 * group's disposer runs once, when the last handle has gone (spec/rpc.md 4.1). No code.
 */
import type { Origin } from "../origin.ts";
import type { Askable } from "./ask.ts";
import type { SessionRole } from "./ends.ts";

export interface Hook extends Askable {
  /** It stands for something of another peer: whoever passes it on is its introducer. */
  readonly isImport: boolean;
  /** One more handle; returns this. */
  retain(): this;
  /** One handle less; at zero what it stands for is given up. */
  release(): void;
  /** One handle less: that of a table entry of a session that is over, of that role. */
  releaseFrom(role: SessionRole): void;
  /** Where the latest handle was made, for reports; see ImportedHook. */
  setOrigin(origin: Origin): void;
}

/** Of a peer's export. */
export interface ImportedHook extends Hook {
  /** For the report if it leaks: that of its latest duplicate. */
  readonly leakOrigin: Origin;
}

/** Of an object of this thread, which local stubs call through the loopback of its context. */
export interface LocalHook extends Hook {
  /** Number in that loopback, 0 before the first local call. */
  loopId: number;
}
