/**
 * The prototype chain of `globalThis`: EventTarget <- WorkerGlobalScope <- ServiceWorkerGlobalScope.
 * Classes and functions of the Workers API are enumerable properties of these prototypes, not of
 * globalThis itself (spec/globals.json); install.ts puts them there.
 */
import { EventTarget } from "../events/event-target.ts";
import { defineInterface } from "../interfaces/define-interface.ts";

export class WorkerGlobalScope extends EventTarget {
  constructor() {
    throw new TypeError("Illegal constructor");
    // biome-ignore lint/correctness/noUnreachable: a derived constructor must name super().
    super();
  }
}
defineInterface(WorkerGlobalScope, "WorkerGlobalScope");

export class ServiceWorkerGlobalScope extends WorkerGlobalScope {}
defineInterface(ServiceWorkerGlobalScope, "ServiceWorkerGlobalScope");
