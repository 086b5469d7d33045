/*
 * What a Worker sees of the platform, as short texts by name: the global scope, each class, the
 * objects that are there from the beginning. Runs unchanged in drover (surface.test.ts) and on the
 * real runtime (npm run parity -- surface).
 */

/** `name get`, `name/0 e`: a member's kind, arity, and `e` if it is enumerable, `!` if it cannot be changed. */
function member(object, key) {
  const { get, set, value, enumerable, writable, configurable } = Object.getOwnPropertyDescriptor(
    object,
    key,
  );
  const name = keyName(key);
  const isFixed = !configurable || (get === undefined && set === undefined && !writable);
  const flags = `${enumerable ? " e" : ""}${isFixed ? " !" : ""}`;
  if (get !== undefined || set !== undefined)
    return `${name} ${get ? "get" : ""}${set ? "set" : ""}${flags}`;
  if (typeof value === "function") return `${name}/${value.length}${flags}`;
  const isPlain = value === null || typeof value === "number" || typeof value === "boolean";
  return `${name}:${isPlain ? value : typeof value}${flags}`;
}

/** Symbols that belong to somebody's own machinery, and what is random. */
const isShown = (key) => typeof key === "string" || WELL_KNOWN.test(key.description ?? "");
const WELL_KNOWN = /^(?:Symbol|nodejs)\.(?!util)/;
const keyName = (key) =>
  typeof key === "symbol" ? `@@${key.description.replace(WELL_KNOWN, "")}` : key;

const members = (object) =>
  Reflect.ownKeys(object)
    .filter(isShown)
    .map((key) => member(object, key))
    .join(", ");

const nameOf = (object) => object?.constructor?.name ?? "null";

function textOf(fn) {
  try {
    fn();
    return "returns";
  } catch (error) {
    return `${error?.name}: ${error?.message}`;
  }
}

/** What every member says of an object that is not of its class; `ok` where it does not mind. */
function foreign(prototype) {
  const says = {};
  for (const key of Reflect.ownKeys(prototype).filter(isShown)) {
    if (key === "constructor") continue;
    const { get, value } = Object.getOwnPropertyDescriptor(prototype, key);
    const fn = get ?? value;
    if (typeof fn !== "function") continue;
    let text;
    try {
      const result = fn.call({});
      if (typeof result?.catch === "function") result.catch(() => {});
      text = "ok";
    } catch (error) {
      text = /^Illegal invocation: function called with incorrect `this`/.test(error?.message)
        ? "illegal invocation"
        : `${error?.name}: ${error?.message}`;
    }
    says[text] = [...(says[text] ?? []), keyName(key)];
  }
  return Object.entries(says)
    .map(([text, names]) => `${text}: ${names.sort().join(" ")}`)
    .join("; ");
}

/** Classes that are the language's own: only names and places of their members are looked at. */
const isLanguage = (name) => LANGUAGE.has(name);
const LANGUAGE = new Set(
  (
    "AggregateError Array ArrayBuffer AsyncDisposableStack Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date " +
    "DisposableStack Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array Function Int16Array " +
    "Int32Array Int8Array Intl Iterator JSON Map Math Number Object Promise Proxy RangeError ReferenceError Reflect RegExp " +
    "Set SharedArrayBuffer String SuppressedError Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array " +
    "Uint8ClampedArray WeakMap WeakRef WeakSet WebAssembly"
  ).split(" "),
);
/** Made by node: modules, and held to production by the tests of those. */
const OTHERS = new Set(["Buffer", "process", "global"]);

export default {
  async fetch(request, _env, ctx) {
    const found = {};
    const scopes = [];
    for (let at = globalThis; at !== Object.prototype; at = Object.getPrototypeOf(at))
      scopes.push(at);
    found.globalThis = `${Object.prototype.toString.call(globalThis)} ${scopes.slice(1).map(nameOf).join(" > ")}`;
    const names = new Set();
    scopes.forEach((scope, index) => {
      found[`scope ${index}`] = members(scope);
      for (const name of Object.getOwnPropertyNames(scope)) names.add(name);
    });
    for (const name of [...names].sort()) {
      const value = globalThis[name];
      if (OTHERS.has(name) || value === globalThis || name === "constructor") continue;
      if (typeof value === "function") describeFunction(found, name, value);
      else if (typeof value === "object" && value !== null) describeObject(found, name, value);
    }
    const objects = {
      ctx,
      request,
      "caches.default": caches.default,
      "crypto.subtle": crypto.subtle,
      "request.cf": undefined,
      "new Response": new Response(),
      "new Request": new Request("http://a/"),
      "new Event": new Event("x"),
      "new CustomEvent": new CustomEvent("x"),
      "new ErrorEvent": new ErrorEvent("x"),
      "new MessageEvent": new MessageEvent("x"),
      "new CloseEvent": new CloseEvent("x"),
      "new EventTarget": new EventTarget(),
      "new AbortController": new AbortController(),
      "AbortSignal.abort": AbortSignal.abort(),
      "new Headers": new Headers(),
      "new URL": new URL("http://a/"),
      "new URLSearchParams": new URLSearchParams(),
      "new FormData": new FormData(),
      "new Blob": new Blob([]),
      "new File": new File([], "a"),
      "new TextDecoder": new TextDecoder(),
      "new TextEncoder": new TextEncoder(),
      "new DOMException": new DOMException("m", "AbortError"),
      "new WebSocketPair": new WebSocketPair(),
      "new HTMLRewriter": new HTMLRewriter(),
      "new ReadableStream": new ReadableStream(),
      "a reader": new ReadableStream().getReader(),
      "new WritableStream": new WritableStream(),
      "a writer": new WritableStream().getWriter(),
      "new TransformStream": new TransformStream(),
      "new CompressionStream": new CompressionStream("gzip"),
      "new TextDecoderStream": new TextDecoderStream(),
      "new URLPattern": new URLPattern({ pathname: "/a" }),
      "Headers iterator": new Headers()[Symbol.iterator](),
      "URLSearchParams iterator": new URLSearchParams().keys(),
      "FormData iterator": new FormData().values(),
      "ReadableStream iterator": new ReadableStream().values(),
      "new CountQueuingStrategy": new CountQueuingStrategy({ highWaterMark: 1 }),
      "a CryptoKey": await crypto.subtle.importKey("raw", new Uint8Array(16), "AES-GCM", true, [
        "encrypt",
      ]),
      "a DigestStream": new crypto.DigestStream("SHA-256"),
    };
    if (globalThis.MessageChannel) objects["new MessageChannel"] = new MessageChannel();
    if (globalThis.Performance) objects["a mark"] = performance.mark("m");
    for (const [name, value] of Object.entries(objects))
      if (value) describeInstance(found, name, value);
    return Response.json(found);
  },
};

function describeFunction(found, name, value) {
  if (isLanguage(name)) {
    found[`${name} statics`] = names(value);
    found[`${name} prototype`] = names(value.prototype ?? {});
    return;
  }
  if (!value.prototype || /^[a-z]/.test(name)) {
    found[`${name}()`] = `${value.name}/${value.length} ${foreign({ [name]: value })}`;
    return;
  }
  const parent = Object.getPrototypeOf(value);
  const above = Object.getPrototypeOf(value.prototype);
  found[`${name} class`] =
    `${value.name}/${value.length} extends ${parent.name || "-"}, prototype of ${nameOf(above)}, constructor is ${
      value.prototype.constructor === value
    }, tag ${value.prototype[Symbol.toStringTag]}`;
  found[`${name} statics`] = members(value);
  found[`${name} prototype`] = members(value.prototype);
  found[`${name} called`] = textOf(() => value());
  found[`${name} constructed`] = textOf(() => new value());
  found[`${name} foreign`] = foreign(value.prototype);
}

/** Names only, in the alphabet: the engine's own. */
const names = (object) => Reflect.ownKeys(object).map(keyName).sort().join(" ");

function describeObject(found, name, value) {
  if (isLanguage(name)) {
    found[name] = names(value);
    return;
  }
  describeInstance(found, name, value);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype && !globalThis[nameOf(value)]) {
    found[`${name} prototype`] = members(prototype);
    found[`${name} foreign`] = foreign(prototype);
  }
}

function describeInstance(found, name, value) {
  const inherited = [];
  for (const key in value) if (!Object.hasOwn(value, key)) inherited.push(key);
  found[`${name} own`] =
    `${Object.prototype.toString.call(value)} ${nameOf(value)} { ${members(value)} }`;
  found[`${name} for in`] = inherited.join(" ");
}
