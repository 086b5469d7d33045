/*
 * What a hostile Worker does to look around: visits every object that can be reached from a root by
 * own keys, symbols, prototypes, constructors and getters. Uses only what it took along before
 * anything was patched. Plain JavaScript: it is evaluated inside of the Worker.
 */
const { ownKeys, getOwnPropertyDescriptor, getPrototypeOf, apply } = Reflect;
const describeObject = Object.prototype.toString;
const sourceOf = Function.prototype.toString;
const RealMap = Map;
const mapHas = Map.prototype.has;
const mapSet = Map.prototype.set;
const mapEntries = Map.prototype.entries;
const mapForEach = Map.prototype.forEach;
const setForEach = Set.prototype.forEach;
const nextEntry = getPrototypeOf(new Map().entries()).next;
const stringOf = String;
const regexTest = RegExp.prototype.test;

export const isObject = (value) =>
  (typeof value === "object" && value !== null) || typeof value === "function";

const keyText = (key) => (typeof key === "symbol" ? `[${stringOf(key)}]` : `.${key}`);

const LIMIT = 400_000;

export class Walk {
  /** object -> path */
  seen = new RealMap();
  strings = new RealMap();
  #queue = [];
  #size = 0;

  add(value, path) {
    if (typeof value === "string" || typeof value === "symbol") {
      const text = stringOf(value);
      if (text.length > 1 && !apply(mapHas, this.strings, [text])) {
        apply(mapSet, this.strings, [text, path]);
      }
      return;
    }
    if (!isObject(value) || apply(mapHas, this.seen, [value])) return;
    if (this.#size > LIMIT) throw new Error(`too many objects, at ${path}`);
    apply(mapSet, this.seen, [value, path]);
    this.#queue[this.#size] = value;
    this.#size += 1;
  }

  /** Visits everything that was added, and what that leads to. */
  run(from = 0) {
    let at = from;
    for (; at < this.#size; at += 1) this.#visit(this.#queue[at]);
    return at;
  }

  #visit(value) {
    const path = pathOf(this.seen, value);
    if (path.length > 400) return;
    let proto = null;
    try {
      proto = getPrototypeOf(value);
    } catch {}
    this.add(proto, `${path}.__proto__`);
    let keys = [];
    try {
      keys = ownKeys(value);
    } catch {}
    for (let i = 0; i < keys.length; i += 1) this.#key(value, keys[i], path);
    // Getters of the classes, asked of the instance.
    for (let depth = 0, at = proto; at !== null && depth < 6; depth += 1) {
      let inherited = [];
      try {
        inherited = ownKeys(at);
      } catch {}
      for (let i = 0; i < inherited.length; i += 1) {
        let descriptor;
        try {
          descriptor = getOwnPropertyDescriptor(at, inherited[i]);
        } catch {}
        if (descriptor?.get !== undefined) this.#read(value, inherited[i], descriptor.get, path);
      }
      try {
        at = getPrototypeOf(at);
      } catch {
        break;
      }
    }
    this.#entries(value, path);
  }

  #key(value, key, path) {
    this.add(key, `${path} key`);
    let descriptor;
    try {
      descriptor = getOwnPropertyDescriptor(value, key);
    } catch (error) {
      this.add(error, `${path}${keyText(key)} error`);
    }
    if (descriptor === undefined) return;
    this.add(descriptor.value, `${path}${keyText(key)}`);
    this.add(descriptor.get, `${path}${keyText(key)} getter`);
    this.add(descriptor.set, `${path}${keyText(key)} setter`);
    if (descriptor.get !== undefined) this.#read(value, key, descriptor.get, path);
  }

  #read(value, key, getter, path) {
    try {
      this.add(apply(getter, value, []), `${path}${keyText(key)}`);
    } catch (error) {
      this.add(error, `${path}${keyText(key)} thrown`);
    }
  }

  #entries(value, path) {
    try {
      apply(mapForEach, value, [
        (entry, key) => {
          this.add(key, `${path} key`);
          this.add(entry, `${path} entry`);
        },
      ]);
    } catch {}
    try {
      apply(setForEach, value, [(entry) => this.add(entry, `${path} entry`)]);
    } catch {}
  }
}

const mapGet = Map.prototype.get;
function pathOf(map, value) {
  return apply(mapGet, map, [value]);
}

/** Name of the class that an object is an instance of, by its prototype; a function's is its own. */
export function kindOf(value) {
  if (typeof value === "function") return "function";
  const proto = getPrototypeOf(value);
  if (proto === null) return "null";
  for (let at = proto; at !== null; at = getPrototypeOf(at)) {
    const cls = getOwnPropertyDescriptor(at, "constructor")?.value;
    if (typeof cls !== "function") continue;
    const name = getOwnPropertyDescriptor(cls, "name")?.value;
    // Node's ports have the name of the Worker's.
    if (name === "MessagePort" && "hasRef" in value) return "MessagePort of the host";
    return typeof name === "string" && name !== "" ? name : "anonymous";
  }
  return apply(describeObject, value, []);
}

/** What is found, by kind, with the path of the first one; and texts that `pattern` matches. */
export function report(walk, pattern) {
  const kinds = {};
  const functions = {};
  const iterator = apply(mapEntries, walk.seen, []);
  for (;;) {
    const { done, value } = apply(nextEntry, iterator, []);
    if (done) break;
    const [object, path] = value;
    let kind = "revoked";
    try {
      kind = kindOf(object);
    } catch {}
    if (kind === "anonymous") kind = `anonymous ${path}`;
    if (kinds[kind] === undefined) kinds[kind] = path;
    if (typeof object === "function") {
      const text = apply(sourceOf, object, []);
      if (apply(regexTest, pattern, [text])) functions[path] = text.slice(0, 200);
    }
  }
  const texts = {};
  const all = apply(mapEntries, walk.strings, []);
  for (;;) {
    const { done, value } = apply(nextEntry, all, []);
    if (done) break;
    if (apply(regexTest, pattern, [value[0]])) texts[value[1]] = value[0].slice(0, 300);
  }
  return { kinds, functions, texts, count: walk.seen.size };
}
