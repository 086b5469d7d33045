/** Errors that end an instance, as its callers see them (spec/durable-objects.md 5, 6, 8). Pure. */
import { types } from "node:util";
import { SqliteError } from "../storage/sqlite/errors.ts";

export const ABORTED = "Application called abort() to reset Durable Object.";
export const CODE_UPDATED = "Durable Object reset because its code was updated.";
export const SECTION_TIMEOUT =
  "A call to blockConcurrencyWhile() in a Durable Object waited for too long. The call was canceled and the Durable Object was reset.";
export const NO_RPC =
  'The receiving Durable Object does not support RPC, because its class was not declared with `extends DurableObject`. In order to enable RPC, make sure your class extends the special class `DurableObject`, which can be imported from the module "cloudflare:workers".';

/** The same value, if it can bear properties, told to be the end of the instance. */
export function resetError(error: unknown, more: Readonly<Record<string, boolean>> = {}): unknown {
  if (typeof error !== "object" || error === null) return error;
  for (const [name, value] of Object.entries({ ...more, durableObjectReset: true })) {
    try {
      Object.defineProperty(error, name, {
        value,
        enumerable: true,
        writable: true,
        configurable: true,
      });
    } catch {
      // Frozen: it goes as it is.
    }
  }
  return error;
}

/** A failed commit. Production's words for a violated deferred constraint; SQLite's for the rest. */
export function commitError(error: unknown): Error {
  if (!(error instanceof SqliteError))
    return error instanceof Error ? error : new Error(String(error));
  const { message, primaryName, extendedName } = error;
  const extended = extendedName === primaryName ? "" : ` (extended: ${extendedName})`;
  const text = `${message}: ${primaryName}${extended}`;
  if (primaryName === "SQLITE_CONSTRAINT") {
    return new Error(
      `Durable Object was reset and rolled back to its last known good state because the application left the database in a state where constraints were violated: ${text}`,
    );
  }
  return new Error(
    `Durable Object storage could not be written, and the object was reset: ${text}`,
  );
}

/** What a method or handler threw bears the id of its object. */
export function markThrown(error: unknown, id: string): void {
  if (typeof error !== "object" || error === null || types.isProxy(error)) return;
  if ("durableObjectReset" in error) return;
  if (error instanceof TypeError && error.message === NO_RPC) return;
  if (!Object.isExtensible(error)) return;
  Object.defineProperty(error, "durableObjectId", {
    value: id,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}
