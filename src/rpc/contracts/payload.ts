/** What the encoder takes and gives beside the value itself; no code. */

import type { Signal } from "./platform-signals.ts";
import type { EncodeRules } from "./rules.ts";
import type { ServiceHandle, StubHandle } from "./stubs.ts";

/** Something found in a value that travels by reference; the session gives it its number. */
export type FoundCap =
  | { readonly type: "target"; readonly value: object; readonly allowInstanceProps: boolean }
  | { readonly type: "stub"; readonly value: object; readonly state: StubHandle }
  | { readonly type: "service"; readonly value: object; readonly state: ServiceHandle }
  | { readonly type: "readable"; readonly value: object }
  | { readonly type: "writable"; readonly value: object }
  | { readonly type: "signal"; readonly value: Signal };

/** Memory that goes along with a frame. */
export interface Cargo {
  /** It holds binary data that is still the application's: send it before anybody else runs. */
  readonly borrowed?: boolean;
  /** Copies that nobody else has: they can be handed over instead of copied again. */
  readonly moves?: readonly ArrayBuffer[] | undefined;
}

export interface EncodedValue extends Cargo {
  /**
   * The copy; boxed in a one-element array if there are operations. If there are capabilities and no
   * operations it is the first capability.
   */
  readonly value: unknown;
  readonly caps: readonly FoundCap[] | undefined;
  readonly fixes: readonly unknown[][] | undefined;
}

export interface EncodeOptions {
  /** Copy binary data too: the receiver gets the very same objects (memory transport). */
  readonly deep: boolean;
  /** Copy large buffers for the transport to hand over; default false. */
  readonly movable?: boolean;
  readonly rules: EncodeRules;
  /** Not limited to 32 MiB: what is thrown, and what is no message; default false. */
  readonly unlimited?: boolean;
  /** Stacks of errors go along, as properties: what stays with the Worker; default false. */
  readonly stacks?: boolean;
}
