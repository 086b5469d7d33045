/**
 * ECMAScript that production's V8 has and the host may lack (Node 20): globals are returned, members
 * of existing classes are defined if missing. Written to the specification, not to be fast.
 */
import { createDisposables } from "./polyfill-disposable.ts";
import { addIteratorHelpers } from "./polyfill-iterator.ts";
import { addStaticMembers } from "./polyfill-members.ts";
import { addSetMethods } from "./polyfill-set.ts";

/** Add what is missing; returns the globals that installGlobals defines. Idempotent. */
export function createPolyfills(): Record<string, unknown> {
  addStaticMembers();
  addSetMethods();
  return { ...createDisposables(), ...addIteratorHelpers() };
}
