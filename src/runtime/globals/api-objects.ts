/** Which objects are the platform's own, made or extended: structured clone refuses them. */

import { DurableObjectNamespace } from "../../durable-objects/namespace.ts";
import { DurableObjectId } from "../../durable-objects/object-id.ts";
import { DurableObjectState } from "../../durable-objects/state.ts";
import { SqlCursor } from "../../durable-objects/storage/cursor.ts";
import { SqlStorage } from "../../durable-objects/storage/sql.ts";
import { DurableObjectStorage } from "../../durable-objects/storage/storage.ts";
import { apiClasses, performanceClasses } from "../../web/api-classes.ts";
import { isLegacyUrl } from "../../web/legacy-url/url.ts";
import { CryptoKey } from "../../web/scope/crypto.ts";
import { DurableObject, WorkerEntrypoint, WorkflowEntrypoint } from "../entrypoint-classes.ts";
import { ExecutionContext } from "../execution-context.ts";

let known: ReadonlySet<unknown> | undefined;

/** Made with the first question: few Workers ever ask. */
function prototypes(): ReadonlySet<unknown> {
  known ??= new Set(CLASSES().map((cls) => Reflect.get(cls as object, "prototype") as unknown));
  return known;
}

const CLASSES = (): unknown[] => [
  ...Object.values({ ...apiClasses(), ...performanceClasses() }),
  DurableObject,
  DurableObjectId,
  DurableObjectNamespace,
  DurableObjectState,
  DurableObjectStorage,
  ExecutionContext,
  SqlCursor,
  SqlStorage,
  WorkerEntrypoint,
  WorkflowEntrypoint,
];

/** An instance of a class of the Workers API, or of a class that extends one. */
export function isApiObject(value: object): boolean {
  if (value instanceof CryptoKey || isLegacyUrl(value)) return true;
  for (let at = Object.getPrototypeOf(value); at !== null; at = Object.getPrototypeOf(at)) {
    if (prototypes().has(at)) return true;
  }
  return false;
}
