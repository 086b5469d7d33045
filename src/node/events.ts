/**
 * `node:events`: Node's class, of which no object of the runtime is an instance (isolate/own-world.ts),
 * without what belongs to Node's async hooks (spec/node.md 6.2).
 */
import EventEmitter from "node:events";
import { overwrite } from "../isolate/language/polyfill-define.ts";
import { isEventTarget } from "../web/events/event-target.ts";

export interface EventsOptions {
  /** Class AsyncResource of the Worker's async_hooks. */
  readonly AsyncResource: new (
    type?: string,
  ) => object;
}

/** The default export, with everything on it. */
export function eventsModule({ AsyncResource }: EventsOptions): object {
  class EventEmitterAsyncResource extends EventEmitter {
    readonly #resource: object;

    constructor(options?: object) {
      super(options);
      this.#resource = new AsyncResource("EventEmitterAsyncResource");
    }

    override emit(event: string | symbol, ...args: unknown[]): boolean {
      const { runInAsyncScope } = this.#resource as {
        runInAsyncScope(fn: unknown, thisArg: unknown, ...args: unknown[]): boolean;
      };
      const emit = super.emit;
      return runInAsyncScope.call(this.#resource, emit, this, event, ...args);
    }

    emitDestroy(): void {}

    get asyncId(): undefined {
      return undefined;
    }

    get triggerAsyncId(): undefined {
      return undefined;
    }

    get asyncResource(): object {
      return this.#resource;
    }
  }
  // Node's own is made by a getter, from Node's AsyncResource.
  Object.defineProperty(EventEmitter, "EventEmitterAsyncResource", {
    value: EventEmitterAsyncResource,
    writable: true,
    enumerable: true,
    configurable: true,
  });
  knowTargets();
  return EventEmitter;
}

/** Node's own statics refuse our EventTarget; production says nothing of its listeners. */
function knowTargets(): void {
  const { getEventListeners, getMaxListeners, setMaxListeners } = EventEmitter;
  const isOurs = (value: unknown): boolean => isEventTarget(value);
  overwrite(EventEmitter, {
    getEventListeners: (target: EventEmitter, name: string | symbol) =>
      isOurs(target) ? [] : getEventListeners(target, name),
    getMaxListeners: (target: EventEmitter) =>
      isOurs(target) ? EventEmitter.defaultMaxListeners : getMaxListeners(target),
    setMaxListeners(count?: number, ...targets: EventEmitter[]): void {
      const emitters = targets.filter((target) => !isOurs(target));
      if (targets.length === 0 || emitters.length > 0) setMaxListeners(count, ...emitters);
    },
  });
}
