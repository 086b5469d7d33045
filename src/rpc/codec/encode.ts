/**
 * Values to payloads. One walk that copies: the copy holds only what structured clone understands,
 * everything else leaves a hole that an operation of the payload fills at the other end
 * (docs/protocol.md, "Payloads"). Copying, instead of handing the original to structured clone,
 * reads every accessor exactly once and makes the memory transport as good as the others.
 *
 * The walk has no effects on what it finds: capabilities are only collected. The session turns
 * them into table entries (session/caps.ts) after the walk has succeeded, so a value that cannot be
 * serialized changes nothing.
 */
import { types } from "node:util";
import type { ValueType } from "../contract.ts";
import type { CodecCore } from "../contracts/codec.ts";
import type { EncodedValue, EncodeOptions, FoundCap } from "../contracts/payload.ts";
import type { Signal } from "../contracts/platform-signals.ts";
import type { EncodeRules } from "../contracts/rules.ts";
import {
  abortSignalDisabled,
  errorMessageNotString,
  invalidProxy,
  tooDeep,
} from "../error-texts.ts";
import { Fix } from "../frames.ts";
import { type State, stateOf } from "../stub-state.ts";
import { isElement, mayHaveExtraProperties } from "./arrays.ts";
import { assertAttached, BinaryCopies, leafCopy } from "./buffers.ts";
import { defineValue } from "./define.ts";
import { dataCloneError, notCloneable, unsupported } from "./errors.ts";
import { isPlainPrimitive } from "./flat.ts";
import { HOLE, IN_PROGRESS, PayloadParts } from "./parts.ts";
import { assertPayloadSize, MAX_PAYLOAD_BYTES } from "./size.ts";
import { isUncloneable, onlyForRpc } from "./uncloneable.ts";
import { describeValue } from "./v8-text.ts";

/** Holes after which an array counts as sparse: its indices are listed instead of tried. */
const HOLES_IN_A_ROW = 1000;
/**
 * Containers within containers. V8 would read somewhat more in an idle thread, and a message that
 * the receiver cannot read would take the link down.
 */
const MAX_DEPTH = 4000;

const { getPrototypeOf, keys, hasOwn } = Object;
const { isArray } = Array;
const entriesOf = Map.prototype.entries;
const valuesOf = Set.prototype.values;

/** Throws a DataCloneError, the 32 MiB error, or what an accessor or value type throws. */
export function encode(core: CodecCore, value: unknown, options: EncodeOptions): EncodedValue {
  if (isPlainPrimitive(value) && typeof value !== "string") {
    return { value, caps: undefined, fixes: undefined, borrowed: false };
  }
  return new Encoder(core, options).encode(value);
}

class Encoder extends PayloadParts {
  readonly #core: CodecCore;
  readonly #binary: BinaryCopies;
  readonly #rules: EncodeRules;
  readonly #maxBytes: number;
  readonly #stacks: boolean;
  #depth = 0;

  constructor(core: CodecCore, options: EncodeOptions) {
    super();
    this.#core = core;
    this.#binary = new BinaryCopies(options);
    this.#rules = options.rules;
    this.#stacks = options.stacks === true;
    this.#maxBytes = options.unlimited === true ? Number.POSITIVE_INFINITY : MAX_PAYLOAD_BYTES;
  }

  encode(value: unknown): EncodedValue {
    const root = this.rootOf(this.#walk(value));
    if (this.bytes > this.#maxBytes) {
      // Bytes of a Blob are in the fixes.
      assertPayloadSize(this.fixes === undefined ? root : [root, this.fixes]);
    }
    const { caps, fixes } = this;
    const { borrowed, moves } = this.#binary;
    return { value: root, caps, fixes, borrowed, moves };
  }

  /** The value for `container[key]`; a hole is patched there. */
  #place(container: object, key: string | number, value: unknown): unknown {
    const out = this.#walk(value);
    if (out !== HOLE) return out;
    this.patch(container, key);
    return null;
  }

  #walk(value: unknown): unknown {
    switch (typeof value) {
      case "string":
        this.bytes += value.length * 2 + 6;
        return value;
      case "number":
      case "boolean":
      case "undefined":
        this.bytes += 9;
        return value;
      case "bigint":
        this.bytes += 16 + value.toString(16).length / 2;
        return value;
      case "symbol":
        throw notCloneable(String(value));
      case "function":
        return this.known(value) ?? this.#callable(value);
      case "object":
        if (value === null) return null;
        return this.known(value) ?? this.#nested(value);
      default:
        throw new TypeError("Unknown kind of value");
    }
  }

  #capability(cap: FoundCap): typeof HOLE {
    if (this.#rules === "data") throw unsupported(cap.value);
    if (this.#rules === "clone" || (this.#rules === "props" && cap.type !== "service")) {
      throw onlyForRpc(cap, this.#core.host.flags);
    }
    return this.addCap(cap);
  }

  #callable(value: object): unknown {
    if (this.#rules === "clone") throw notCloneable(describeValue(value));
    const state = stateOf(value);
    if (state !== undefined) return this.#stamped(value, state);
    if (this.#rules === "props") throw notCloneable(describeValue(value));
    // A callable Proxy that shows RpcTarget in its chain hides its own properties.
    const asTarget = types.isProxy(value) && this.#core.targetKinds.showsTarget(value);
    return this.#capability({ type: "target", value, allowInstanceProps: !asTarget });
  }

  #stamped(value: object, state: State): unknown {
    if (state.kind === "target") {
      return this.#capability({ type: "target", value, allowInstanceProps: false });
    }
    if (state.kind === "stub") return this.#capability({ type: "stub", value, state });
    if (state.kind !== "service") throw unsupported(value);
    const { host, globalScopeError } = this.#core;
    if (this.#rules === "clone" && host.currentContext() === undefined) throw globalScopeError();
    const foreign = state.foreignUse();
    if (foreign !== undefined) throw foreign;
    const { cloneRefusal } = state.channel;
    if (cloneRefusal !== undefined) throw dataCloneError(cloneRefusal);
    return this.#capability({ type: "service", value, state });
  }

  #nested(value: object): unknown {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new RangeError(tooDeep);
    const out = this.#object(value);
    this.#depth -= 1;
    return out;
  }

  #object(value: object): unknown {
    const state = stateOf(value);
    if (state !== undefined) return this.#stamped(value, state);
    if (types.isProxy(value)) return this.#proxy(value);
    const prototype: unknown = getPrototypeOf(value);
    if (prototype === Object.prototype) return this.#plain(value as Record<string, unknown>);
    if (isArray(value)) return this.#array(value);
    const valueType = this.#core.valueTypes.get(prototype as object);
    if (valueType !== undefined) return this.#valueType(value, valueType);
    if (ArrayBuffer.isView(value)) return this.#view(value);
    // Node 24 counts a DOMException as a native error, Node 20 does not.
    if (types.isNativeError(value) && !(value instanceof DOMException)) return this.#error(value);
    return this.#builtin(value);
  }

  #proxy(value: object): unknown {
    if (this.#rules === "clone") throw notCloneable(describeValue(value));
    if (this.#core.targetKinds.showsTarget(value)) {
      return this.#capability({ type: "target", value, allowInstanceProps: false });
    }
    if (getPrototypeOf(value) === Object.prototype) {
      return this.#capability({ type: "target", value, allowInstanceProps: true });
    }
    throw dataCloneError(invalidProxy);
  }

  #plain(value: Record<string, unknown>): unknown {
    if (types.isArgumentsObject(value)) throw notCloneable("#<Object>");
    const copy: Record<string, unknown> = {};
    this.remember(value, copy);
    this.#properties(value, copy, keys(value));
    return copy;
  }

  #properties(value: Record<string, unknown>, copy: object, names: readonly string[]): void {
    const target = copy as Record<string, unknown>;
    for (const name of names) {
      // A getter may have removed it in the meantime; structured clone skips it then.
      const member = value[name];
      if (member === undefined && !hasOwn(value, name)) continue;
      this.bytes += name.length * 2 + 6;
      const out = isPlainPrimitive(member) ? this.#walk(member) : this.#place(copy, name, member);
      if (name === "__proto__") {
        defineValue(copy, name, out);
      } else {
        target[name] = out;
      }
    }
  }

  #array(value: readonly unknown[]): unknown {
    const { length } = value;
    const copy: unknown[] = [];
    this.remember(value, copy);
    let present = 0;
    let holes = 0;
    let i = 0;
    for (; i < length && holes < HOLES_IN_A_ROW; i++) {
      const item = value[i];
      if (item === undefined && !hasOwn(value, i)) {
        holes += 1;
        continue;
      }
      holes = 0;
      present += 1;
      this.#element(copy, i, item);
    }
    if (i === length && !mayHaveExtraProperties(value, present)) {
      if (copy.length < length) copy.length = length;
      return copy;
    }
    const extra: string[] = [];
    for (const name of keys(value)) {
      if (!isElement(name, length)) extra.push(name);
      else if (Number(name) >= i) this.#element(copy, Number(name), value[Number(name)]);
    }
    if (copy.length < length) copy.length = length;
    this.#properties(value as unknown as Record<string, unknown>, copy, extra);
    return copy;
  }

  #element(copy: unknown[], index: number, item: unknown): void {
    const out = isPlainPrimitive(item) ? this.#walk(item) : this.#place(copy, index, item);
    // Pushed while there is no hole: V8 serializes packed arrays faster than sparse ones.
    if (copy.length === index) copy.push(out);
    else copy[index] = out;
  }

  #view(value: ArrayBufferView): unknown {
    const { buffer } = value;
    if (types.isSharedArrayBuffer(buffer)) throw notCloneable("#<SharedArrayBuffer>");
    assertAttached(buffer as ArrayBuffer);
    // Node's Buffer is cut out of a pool; of all others the whole buffer travels.
    const isBuffer = value instanceof Buffer;
    this.bytes += (isBuffer ? value : buffer).byteLength + 32;
    const known = this.seen?.get(buffer);
    const copy = this.#binary.view(value, known as ArrayBuffer | undefined);
    // Views on one buffer share it at the other end too, as after structured clone.
    if (!isBuffer && copy.buffer !== buffer && copy.buffer !== known) {
      this.remember(buffer, copy.buffer);
    }
    this.remember(value, copy);
    return copy;
  }

  #valueType(value: object, type: ValueType): unknown {
    const data: unknown[] = [null];
    // Walked before it gets its number, so that the data is complete when the other end decodes it.
    this.remember(value, IN_PROGRESS);
    data[0] = this.#place(data, 0, type.encode(value, this.#rules));
    this.madeValue(value);
    this.fix([Fix.type, type.tag, data]);
    return HOLE;
  }

  #error(value: Error): unknown {
    if (!this.#core.host.flags.enhancedErrorSerialization) {
      const copy = leafCopy(value);
      this.remember(value, copy);
      return copy;
    }
    const name: unknown = value.name;
    const message: unknown = value.message;
    if (typeof message !== "string") throw dataCloneError(errorMessageNotString);
    this.madeValue(value);
    const hole = this.hole;
    const className = typeof name === "string" ? name : "Error";
    this.fix([Fix.error, className, message]);
    this.bytes += (className.length + message.length) * 2 + 16;
    const names = Object.getOwnPropertyNames(value).filter(
      (key) => (key !== "stack" || this.#stacks) && key !== "message" && key !== "name",
    );
    const props: Record<string, unknown> = {};
    if (typeof name !== "string") props.name = this.#place(props, "name", name);
    if (names.length > 0 || typeof name !== "string") {
      this.#properties(value as unknown as Record<string, unknown>, props, names);
      this.fix([Fix.errorProps, hole, props]);
    }
    this.hole = hole;
    return HOLE;
  }

  #builtin(value: object): unknown {
    if (types.isMap(value)) return this.#map(value);
    if (types.isSet(value)) return this.#set(value);
    if (types.isDate(value) || types.isRegExp(value) || types.isBoxedPrimitive(value)) {
      if (types.isSymbolObject(value)) throw notCloneable("[object Symbol]");
      this.bytes += types.isDate(value) ? 16 : String(value).length * 2 + 16;
      const copy = leafCopy(value);
      this.remember(value, copy);
      return copy;
    }
    if (types.isArrayBuffer(value)) {
      assertAttached(value);
      this.bytes += value.byteLength + 16;
      const copy = this.#binary.buffer(value);
      this.remember(value, copy);
      return copy;
    }
    if (value instanceof DOMException) return this.#domException(value);
    if (this.#core.streams.isReadable(value)) {
      return this.#capability({ type: "readable", value });
    }
    if (this.#core.streams.isWritable(value)) {
      return this.#capability({ type: "writable", value });
    }
    if (this.#core.signals.isSignal(value)) return this.#signal(value);
    const valueType = this.#inheritedType(value);
    if (valueType !== undefined) return this.#valueType(value, valueType);
    const refusal = this.#core.host.cloneRefusal?.(value);
    if (refusal !== undefined) throw dataCloneError(refusal);
    if (isUncloneable(value)) throw notCloneable(describeValue(value));
    if (this.#rules === "clone" && this.#core.host.isApiObject?.(value) !== true) {
      return this.#plain(value as Record<string, unknown>);
    }
    throw unsupported(value);
  }

  #signal(value: Signal): unknown {
    if (this.#rules !== "rpc" || !value.aborted) return this.#capability({ type: "signal", value });
    if (!this.#core.host.flags.abortSignalRpc) {
      throw dataCloneError(abortSignalDisabled);
    }
    return this.#valueType(value, this.#core.abortedSignal);
  }

  /** An application's subclass of a value type arrives as that type. */
  #inheritedType(value: object): ValueType | undefined {
    let object = getPrototypeOf(value) as object | null;
    while (object !== null) {
      const type = this.#core.valueTypes.get(object);
      if (type !== undefined) return type;
      object = getPrototypeOf(object) as object | null;
    }
    return undefined;
  }

  #map(value: Map<unknown, unknown>): unknown {
    const copy = new Map<unknown, unknown>();
    this.remember(value, copy);
    const before = this.fixes?.length ?? 0;
    const entries: unknown[][] = [];
    // What is there now: accessors on the way may change it.
    for (const [key, member] of [...entriesOf.call(value)]) {
      const entry: unknown[] = [null, null];
      entry[0] = this.#place(entry, 0, key);
      entry[1] = this.#place(entry, 1, member);
      entries.push(entry);
    }
    if ((this.fixes?.length ?? 0) > before) this.fix([Fix.fillMap, copy, entries]);
    else for (const entry of entries) copy.set(entry[0], entry[1]);
    return copy;
  }

  #set(value: Set<unknown>): unknown {
    const copy = new Set<unknown>();
    this.remember(value, copy);
    const before = this.fixes?.length ?? 0;
    const items: unknown[] = [];
    for (const member of [...valuesOf.call(value)]) {
      const index = items.length;
      items.push(null);
      items[index] = this.#place(items, index, member);
    }
    if ((this.fixes?.length ?? 0) > before) this.fix([Fix.fillSet, copy, items]);
    else for (const item of items) copy.add(item);
    return copy;
  }

  #domException(value: DOMException): unknown {
    this.madeValue(value);
    const hole = this.hole;
    this.bytes += (value.message.length + String(value.stack).length) * 2 + 32;
    this.fix([Fix.domException, value.name, value.message, value.stack]);
    this.hole = hole;
    return HOLE;
  }
}
