/*
 * What a hostile Worker does to listen in: replaces every method and getter that the walk has found,
 * and puts setters on Object.prototype; keeps all receivers, arguments and results that pass.
 */
import { isObject } from "./walk.js";

export function patchAll(walk) {
  const { apply, construct, defineProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;
  const caught = [];
  const has = new WeakSet();
  const addTo = WeakSet.prototype.add;
  const isIn = WeakSet.prototype.has;
  let isOn = false;
  let isBusy = false;
  const note = (name, value) => {
    if (!isOn || isBusy || !isObject(value)) return;
    isBusy = true;
    try {
      if (!apply(isIn, has, [value]) && caught.length < 60_000) {
        apply(addTo, has, [value]);
        caught[caught.length] = [name, value];
      }
    } finally {
      isBusy = false;
    }
  };
  const SKIP = /^(then|catch|finally|constructor|toString|valueOf|next|return|throw)$/;
  let count = 0;
  const wrap = (original, name) => {
    const wrapper = {
      [name](...args) {
        note(`${name} this`, this);
        for (let i = 0; i < args.length; i += 1) note(`${name} argument`, args[i]);
        const result =
          new.target === undefined
            ? apply(original, this, args)
            : construct(original, args, new.target);
        note(`${name} result`, result);
        return result;
      },
    }[name];
    return wrapper;
  };
  // Methods only: classes that nobody could construct any more would end everything at once.
  walk.seen.forEach((path, object) => {
    if (path.startsWith("process") && object === globalThis.process) return;
    let keys = [];
    try {
      keys = ownKeys(object);
    } catch {}
    for (const key of keys) {
      if (typeof key === "string" && SKIP.test(key)) continue;
      const descriptor = getOwnPropertyDescriptor(object, key);
      if (descriptor === undefined || descriptor.configurable !== true) continue;
      const name = `${path}.${String(key)}`.slice(-80);
      const isMethod =
        typeof descriptor.value === "function" &&
        getOwnPropertyDescriptor(descriptor.value, "prototype") === undefined;
      try {
        if (isMethod) {
          defineProperty(object, key, { ...descriptor, value: wrap(descriptor.value, name) });
          count += 1;
        } else if (descriptor.get !== undefined && object !== globalThis) {
          defineProperty(object, key, { ...descriptor, get: wrap(descriptor.get, name) });
          count += 1;
        }
      } catch {}
    }
  });
  // Assignments of Node and of libraries to objects of theirs.
  const NAMES =
    "_handle _parent _host _peername _sockname connecting handle owner socket stream port client server connection _events _eventsCount _maxListeners _readableState _writableState afterWriteTickInfo awaitDrainWriters pipes onread oncomplete onconnection onerror onmessage callback listener listeners previous _onTimeout _idlePrev _idleNext _onImmediate _argv _timerArgs domain res req parser agent dispatcher buffer path fd transport session link host args async_id";
  const symbols = [];
  walk.seen.forEach((_path, object) => {
    let keys = [];
    try {
      keys = ownKeys(object);
    } catch {}
    for (const key of keys) {
      if (
        typeof key === "symbol" &&
        /^Symbol\((k[A-Z]|async_id|trigger|owner|handle|nodejs\.)/.test(String(key))
      )
        symbols.push(key);
    }
  });
  const TRAPS = [...NAMES.split(" "), ...new Set(symbols)];
  for (const key of TRAPS) {
    if (key in Object.prototype) continue;
    try {
      defineProperty(Object.prototype, key, {
        configurable: true,
        get() {
          note(`get ${String(key)}`, this);
          return undefined;
        },
        set(value) {
          note(`set ${String(key)}`, this);
          note(`set ${String(key)} value`, value);
          defineProperty(this, key, {
            value,
            writable: true,
            configurable: true,
            enumerable: true,
          });
        },
      });
    } catch {}
  }
  return {
    caught,
    count,
    traps: TRAPS.length,
    on: (value) => {
      isOn = value;
    },
  };
}
