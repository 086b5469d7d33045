/**
 * Cuts the objects of Node that a Worker's thread cannot do without (its `process`, the ports to
 * the host, native handles) off from everything that user code can reach and change: their
 * prototype chains become copies that end in null. A patched `EventEmitter.prototype.emit`, a setter
 * on `Object.prototype`, a wrapped `EventTarget.prototype.dispatchEvent` never sees one of them.
 * Called once, when the thread boots. SECURITY.md tells what follows from it.
 */
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { MessagePort } from "node:worker_threads";
import { newSocketHandle } from "../rpc/transports/pipe-binding.ts";
import { builtinModule } from "../util/early.ts";

/**
 * A module of Node as it is, for modules of ours that wrap it. Never handed to user code: not by a method that
 * it may have replaced either, for which a Worker's first import of the module is late enough.
 */
export function hostModule(name: string): object | undefined {
  return builtinModule(name);
}

/** Of `process`: what reaches the machine. Unreachable anyway, and not needed. */
const POWERS = [
  "_getActiveHandles",
  "_getActiveRequests",
  "_kill",
  "_linkedBinding",
  "abort",
  "binding",
  "chdir",
  "dlopen",
  "execve",
  "getBuiltinModule",
  "kill",
  "loadEnvFile",
  "mainModule",
  "openStdin",
  "permission",
  "report",
];

/**
 * Where Node tracks asynchronous context with hooks (before 24), it calls every callback of a handle
 * with `callback.apply(handle, args)`, its own callbacks too. So `apply` is what it was, and what is
 * assigned to `Function.prototype.apply` is ignored; a function may still have an `apply` of its own.
 */
function keepApply(): void {
  if (!("kResourceStore" in new AsyncLocalStorage())) return;
  const { apply } = Function.prototype;
  Object.defineProperty(Function.prototype, "apply", {
    configurable: false,
    get: () => apply,
    set(this: object, value: unknown) {
      if (this === Function.prototype) return;
      const descriptor = { value, writable: true, enumerable: true, configurable: true };
      Object.defineProperty(this, "apply", Object.setPrototypeOf(descriptor, null));
    },
  });
}

/**
 * Node keeps the resources of the callbacks that are running in an array, and takes them off with a
 * look-up of `pop`. The array is seen once, synchronously, and gets a prototype of its own.
 */
function hideRunningResources(): void {
  const { pop } = Array.prototype;
  const arrayPrototype = copyOf(Array.prototype, null);
  const found: object[] = [];
  Array.prototype.pop = function (this: object) {
    found[found.length] = this;
    return Reflect.apply(pop, this, []) as unknown;
  };
  new AsyncResource("drover").runInAsyncScope(() => {});
  Object.defineProperty(Array.prototype, "pop", { value: pop });
  for (const array of found) Object.setPrototypeOf(array, arrayPrototype);
}

export function leaveHost(): void {
  keepApply();
  hideRunningResources();
  const host = process;
  for (const name of POWERS) Reflect.deleteProperty(host, name);
  // node:path asks for it when it resolves a relative path.
  host.cwd = () => "/";

  endChain(MessagePort.prototype);
  const base = Object.getPrototypeOf(host) as object;
  endChain(base);

  // AsyncWrap: base of all native handles. The zlib streams of user code show theirs.
  let handle: object = Object.getPrototypeOf(newSocketHandle()) as object;
  for (;;) {
    const next = Object.getPrototypeOf(handle) as object | null;
    if (next === null || next === Object.prototype) break;
    handle = next;
  }
  Object.setPrototypeOf(handle, copyOf(Object.prototype, null));
  Object.freeze(handle);
}

/** Everything above `proto` becomes a private copy. */
function endChain(proto: object): void {
  const above: object[] = [];
  for (let at = Object.getPrototypeOf(proto); at !== null; at = Object.getPrototypeOf(at)) {
    above.push(at as object);
  }
  let copy: object | null = null;
  for (const original of above.reverse()) copy = copyOf(original, copy);
  Object.setPrototypeOf(proto, copy);
}

function copyOf(original: object, proto: object | null): object {
  const descriptors = Object.getOwnPropertyDescriptors(original) as PropertyDescriptorMap;
  // Would lead back: `__proto__` is an accessor, and only of use to confuse.
  Reflect.deleteProperty(descriptors, "__proto__");
  return Object.create(proto, descriptors) as object;
}
