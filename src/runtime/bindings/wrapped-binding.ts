/**
 * Bindings that are JavaScript in production (D1, Images, AI): the only ones but stubs of Workers that can be
 * sent over RPC, as which binding they are (sent-bindings.ts). Base class, in the Worker's thread.
 */

/** Which binding it is, wherever it comes to be. */
export type SentBinding =
  | { readonly kind: "d1" | "images"; readonly id: string }
  | { readonly kind: "remote-only"; readonly id: string; readonly className: string };

const sent: WeakMap<object, SentBinding> = new WeakMap();

export class WrappedBinding {
  constructor(which: SentBinding) {
    sent.set(this, which);
  }

  get [Symbol.toStringTag](): string {
    return "WrappedBinding";
  }
}

/** Undefined for an object that only inherits from one. */
export function sentBinding(binding: object): SentBinding | undefined {
  return sent.get(binding);
}
