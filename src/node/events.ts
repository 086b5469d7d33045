/**
 * `node:events`: Node's class, of which no object of the runtime is an instance (isolate/own-world.ts),
 * without what belongs to Node's async hooks (spec/node.md 6.2).
 */
import EventEmitter from "node:events";

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
  return EventEmitter;
}
