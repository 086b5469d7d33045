/** Newer static and prototype members of Promise, Array, Object, Map, ArrayBuffer and others. */
import { createDeferred } from "../../util/deferred.ts";
import { addMembers } from "./polyfill-define.ts";

type AnyMap = {
  has(key: unknown): boolean;
  get(key: unknown): unknown;
  set(key: unknown, value: unknown): unknown;
};

export function addStaticMembers(): void {
  addMembers(Promise, {
    withResolvers(this: PromiseConstructor) {
      if (this === Promise) return { ...createDeferred<unknown>() };
      let resolve: unknown;
      let reject: unknown;
      const promise = new this((onResolve, onReject) => {
        resolve = onResolve;
        reject = onReject;
      });
      return { promise, resolve, reject };
    },
    try(this: PromiseConstructor, fn: (...args: unknown[]) => unknown, ...args: unknown[]) {
      return new this((resolve) => resolve(fn(...args)));
    },
  });
  addMembers(Array, { fromAsync });
  addMembers(Object, {
    groupBy(items: Iterable<unknown>, keyOf: (item: unknown, index: number) => PropertyKey) {
      const groups: Record<PropertyKey, unknown[]> = Object.create(null);
      let index = 0;
      for (const item of items) {
        const key = keyOf(item, index++);
        groups[key] ??= [];
        groups[key].push(item);
      }
      return groups;
    },
  });
  addMembers(Map, {
    groupBy(items: Iterable<unknown>, keyOf: (item: unknown, index: number) => unknown) {
      const groups = new Map<unknown, unknown[]>();
      let index = 0;
      for (const item of items) {
        const key = keyOf(item, index++);
        const group = groups.get(key);
        if (group === undefined) groups.set(key, [item]);
        else group.push(item);
      }
      return groups;
    },
  });
  for (const map of [Map, WeakMap]) addMembers(map.prototype, MAP_MEMBERS);
  addMembers(ArrayBuffer.prototype, BUFFER_MEMBERS);
  addDetached();
  addMembers(Error, {
    isError: (value: unknown) => Object.prototype.toString.call(value) === "[object Error]",
  });
  addMembers(RegExp, { escape: escapeRegExp });
  addMembers(Uint8Array, BYTES_STATICS);
  addMembers(Uint8Array.prototype, BYTES_MEMBERS);
}

async function fromAsync(
  this: unknown,
  items: AsyncIterable<unknown> | Iterable<unknown> | ArrayLike<unknown>,
  map?: (value: unknown, index: number) => unknown,
): Promise<unknown[]> {
  const result: unknown[] = [];
  const isIterable = Symbol.asyncIterator in items || Symbol.iterator in items;
  const source = isIterable
    ? (items as AsyncIterable<unknown>)
    : Array.from(items as ArrayLike<unknown>);
  for await (const item of source) {
    result.push(map === undefined ? item : await map(item, result.length));
  }
  return result;
}

const MAP_MEMBERS = {
  getOrInsert(this: AnyMap, key: unknown, value: unknown): unknown {
    if (!this.has(key)) this.set(key, value);
    return this.get(key);
  },
  getOrInsertComputed(this: AnyMap, key: unknown, compute: (key: unknown) => unknown): unknown {
    if (!this.has(key)) this.set(key, compute(key));
    return this.get(key);
  },
};

const clone: typeof structuredClone = structuredClone;
const detachedBuffers = new WeakSet<ArrayBuffer>();

function transfer(buffer: ArrayBuffer, length = buffer.byteLength): ArrayBuffer {
  const moved = clone(buffer, { transfer: [buffer] });
  detachedBuffers.add(buffer);
  if (length === moved.byteLength) return moved;
  const sized = new Uint8Array(length);
  sized.set(new Uint8Array(moved, 0, Math.min(length, moved.byteLength)));
  return sized.buffer;
}

const BUFFER_MEMBERS = {
  transfer(this: ArrayBuffer, length?: number): ArrayBuffer {
    return transfer(this, length);
  },
  transferToFixedLength(this: ArrayBuffer, length?: number): ArrayBuffer {
    return transfer(this, length);
  },
};

function addDetached(): void {
  if ("detached" in ArrayBuffer.prototype) return;
  Object.defineProperty(ArrayBuffer.prototype, "detached", {
    get(this: ArrayBuffer): boolean {
      if (detachedBuffers.has(this)) return true;
      if (this.byteLength > 0) return false;
      try {
        new Uint8Array(this);
        return false;
      } catch {
        return true;
      }
    },
    configurable: true,
  });
}

function escapeRegExp(text: string): string {
  if (typeof text !== "string") throw new TypeError("RegExp.escape: argument is not a string");
  let escaped = "";
  for (const char of text) {
    if (escaped === "" && /[0-9a-zA-Z]/.test(char)) escaped += hexEscape(char);
    else if (/[$()*+./?[\\\]^{|}]/.test(char)) escaped += `\\${char}`;
    else if (char in CONTROL) escaped += CONTROL[char];
    else if (/[\s,\-=<>#&!%:;@~'`"]|\p{Surrogate}/u.test(char)) escaped += hexEscape(char);
    else escaped += char;
  }
  return escaped;
}

function hexEscape(char: string): string {
  const hex = char.charCodeAt(0).toString(16);
  return hex.length <= 2 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`;
}

const CONTROL: Record<string, string> = {
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\t": "\\t",
};

type Base64Options = { readonly alphabet?: "base64" | "base64url"; readonly omitPadding?: boolean };

function fromBase64(text: string, options: Base64Options = {}): Uint8Array {
  const isUrl = options.alphabet === "base64url";
  const clean = String(text).replace(/[\t\n\f\r ]/g, "");
  const pattern = isUrl ? /^[A-Za-z0-9_-]*={0,2}$/ : /^[A-Za-z0-9+/]*={0,2}$/;
  const bare = clean.replace(/=+$/, "");
  const isPadded = bare.length === clean.length || clean.length % 4 === 0;
  if (!pattern.test(clean) || bare.length % 4 === 1 || !isPadded) {
    throw new SyntaxError("Found a character that cannot be part of a valid base64 string.");
  }
  return new Uint8Array(Buffer.from(bare, isUrl ? "base64url" : "base64"));
}

function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || /[^0-9a-f]/i.test(text)) {
    throw new SyntaxError("Input string must contain hex characters in even length");
  }
  return new Uint8Array(Buffer.from(text, "hex"));
}

const BYTES_STATICS = {
  fromBase64: (text: string, options?: Base64Options): Uint8Array => fromBase64(text, options),
  fromHex: (text: string): Uint8Array => fromHex(text),
};

const BYTES_MEMBERS = {
  toBase64(this: Uint8Array, options: Base64Options = {}): string {
    const bytes = Buffer.from(this.buffer, this.byteOffset, this.byteLength);
    const padded = bytes.toString("base64");
    const text =
      options.alphabet === "base64url" ? padded.replace(/\+/g, "-").replace(/\//g, "_") : padded;
    return options.omitPadding ? text.replace(/=+$/, "") : text;
  },
  toHex(this: Uint8Array): string {
    return Buffer.from(this.buffer, this.byteOffset, this.byteLength).toString("hex");
  },
  setFromBase64(this: Uint8Array, text: string, options?: Base64Options): object {
    const all = fromBase64(text, options);
    // Whole groups of three bytes only, unless everything fits.
    const fits = all.byteLength <= this.byteLength;
    const written = fits ? all.byteLength : Math.floor(this.byteLength / 3) * 3;
    this.set(all.subarray(0, written));
    return { read: fits ? text.length : (written / 3) * 4, written };
  },
  setFromHex(this: Uint8Array, text: string): object {
    const all = fromHex(text);
    const written = Math.min(all.byteLength, this.byteLength);
    this.set(all.subarray(0, written));
    return { read: written * 2, written };
  },
};
