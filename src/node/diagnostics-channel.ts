/**
 * `node:diagnostics_channel` with a registry of the Worker's own (spec/node.md 6.6): on Node's, its
 * HTTP client and sockets publish themselves.
 */
import { apply } from "../util/early.ts";
import { nodeError } from "./errors.ts";

type Subscriber = (message: unknown, name: unknown) => void;
type AnyFunction = (...args: unknown[]) => unknown;
interface Store {
  run(value: unknown, fn: () => unknown): unknown;
}
type Transform = (data: unknown) => unknown;

let onPublish: ((channel: string, message: unknown) => void) | undefined;

const INTERNAL: unique symbol = Symbol("internal");
const EVENTS = ["start", "end", "asyncStart", "asyncEnd", "error"] as const;
type EventName = (typeof EVENTS)[number];

/** Told of every message on any channel; set once, where somebody hears of it. */
export function setPublishListener(listener: NonNullable<typeof onPublish>): void {
  onPublish = listener;
}

export interface DiagnosticsOptions {
  /** `diagnostics_channel_has_subscribers_getter` */
  readonly hasSubscribersGetter: boolean;
}

export function createDiagnosticsChannel(options: DiagnosticsOptions): Record<string, unknown> {
  const channels = new Map<unknown, Channel>();
  const isGetter = options.hasSubscribersGetter;

  class Channel {
    readonly #name: unknown;
    #subscribers: readonly Subscriber[] = [];
    readonly #stores: Map<Store, Transform | undefined> = new Map();

    constructor(key?: unknown, name?: unknown) {
      if (key !== INTERNAL) throw new TypeError("Illegal constructor");
      this.#name = name;
    }

    static isActive(channel: Channel): boolean {
      return channel.#subscribers.length > 0;
    }

    subscribe(subscriber: Subscriber): void {
      if (typeof subscriber !== "function") {
        throw new TypeError(
          "Failed to execute 'subscribe' on 'Channel': parameter 1 is not of type 'function'.",
        );
      }
      this.#subscribers = [...this.#subscribers, subscriber];
    }

    unsubscribe(subscriber: Subscriber): void {
      const at = this.#subscribers.indexOf(subscriber);
      if (at >= 0) this.#subscribers = this.#subscribers.toSpliced(at, 1);
    }

    bindStore(store: Store, transform?: Transform): void {
      this.#stores.set(store, transform);
    }

    unbindStore(store: Store): void {
      this.#stores.delete(store);
    }

    publish(message: unknown): void {
      onPublish?.(String(this.#name), message);
      for (const subscriber of this.#subscribers) subscriber(message, this.#name);
    }

    runStores(data: unknown, fn: AnyFunction, thisArg?: unknown, ...args: unknown[]): unknown {
      let run = (): unknown => {
        this.publish(data);
        return apply(fn, thisArg, args);
      };
      for (const [store, transform] of this.#stores) {
        const inner = run;
        run = () => store.run(transform === undefined ? data : transform(data), inner);
      }
      return run();
    }
  }
  const descriptor = isGetter
    ? {
        get(this: Channel) {
          return Channel.isActive(this);
        },
      }
    : {
        value(this: Channel) {
          return Channel.isActive(this);
        },
        writable: true,
      };
  Object.defineProperty(Channel.prototype, "hasSubscribers", { ...descriptor, configurable: true });

  function channel(name: unknown): Channel {
    let found = channels.get(name);
    if (found === undefined) {
      found = new Channel(INTERNAL, name);
      channels.set(name, found);
    }
    return found;
  }

  class TracingChannel {
    declare readonly start: Channel;
    declare readonly end: Channel;
    declare readonly asyncStart: Channel;
    declare readonly asyncEnd: Channel;
    declare readonly error: Channel;

    constructor(key?: unknown, given?: unknown) {
      if (key !== INTERNAL) throw new TypeError("Illegal constructor");
      for (const name of EVENTS) {
        const value =
          typeof given === "object" && given !== null
            ? Reflect.get(given, name)
            : channel(`tracing:${String(given)}:${name}`);
        Object.defineProperty(this, name, { value, writable: true, enumerable: true });
      }
    }

    get hasSubscribers(): boolean {
      return EVENTS.some((name) => Channel.isActive(this[name]));
    }

    subscribe(handlers: Partial<Record<EventName, Subscriber>>): void {
      for (const name of EVENTS) {
        const handler = handlers[name];
        if (handler !== undefined) this[name].subscribe(handler);
      }
    }

    unsubscribe(handlers: Partial<Record<EventName, Subscriber>>): void {
      for (const name of EVENTS) {
        const handler = handlers[name];
        if (handler !== undefined) this[name].unsubscribe(handler);
      }
    }

    traceSync(
      fn: AnyFunction,
      context: object = {},
      thisArg?: unknown,
      ...args: unknown[]
    ): unknown {
      return this.start.runStores(context, () => {
        try {
          const result = apply(fn, thisArg, args);
          Object.assign(context, { result });
          return result;
        } catch (error) {
          this.#failed(context, error);
          throw error;
        } finally {
          this.end.publish(context);
        }
      });
    }

    tracePromise(
      fn: AnyFunction,
      context: object = {},
      thisArg?: unknown,
      ...args: unknown[]
    ): unknown {
      const settled = (): void => {
        this.asyncStart.publish(context);
        this.asyncEnd.publish(context);
      };
      return this.start.runStores(context, () => {
        try {
          return Promise.resolve(apply(fn, thisArg, args)).then(
            (result) => {
              Object.assign(context, { result });
              settled();
              return result;
            },
            (error) => {
              this.#failed(context, error);
              settled();
              throw error;
            },
          );
        } catch (error) {
          this.#failed(context, error);
          throw error;
        } finally {
          this.end.publish(context);
        }
      });
    }

    traceCallback(
      fn: AnyFunction,
      position = -1,
      context: object = {},
      thisArg?: unknown,
      ...args: unknown[]
    ): unknown {
      const at = position < 0 ? args.length + position : position;
      const callback = args[at];
      assertFunction(callback, "callback");
      args[at] = (...results: unknown[]): unknown => {
        const [error, result] = results;
        if (error) this.#failed(context, error);
        else Object.assign(context, { result });
        return this.asyncStart.runStores(context, () => {
          try {
            return apply(callback as AnyFunction, undefined, results);
          } finally {
            this.asyncEnd.publish(context);
          }
        });
      };
      return this.start.runStores(context, () => {
        try {
          return apply(fn, thisArg, args);
        } catch (error) {
          this.#failed(context, error);
          throw error;
        } finally {
          this.end.publish(context);
        }
      });
    }

    #failed(context: object, error: unknown): void {
      Object.assign(context, { error });
      this.error.publish(context);
    }
  }

  return {
    Channel,
    TracingChannel,
    channel,
    hasSubscribers: (name: unknown) => {
      const found = channels.get(name);
      return found !== undefined && Channel.isActive(found);
    },
    subscribe: (name: unknown, subscriber: Subscriber) => channel(name).subscribe(subscriber),
    tracingChannel: (given: unknown) => new TracingChannel(INTERNAL, given),
    unsubscribe: (name: unknown, subscriber: Subscriber) => channel(name).unsubscribe(subscriber),
  };
}

function assertFunction(value: unknown, name: string): void {
  if (typeof value === "function") return;
  const message = `The "${name}" argument must be of type function.`;
  throw nodeError(TypeError, "ERR_INVALID_ARG_TYPE", message);
}
