/**
 * Stored values: the bytes that the real runtime writes, V8's structured clone of version 15 with
 * host objects of its own (spec/durable-objects.md 11), so that wrangler reads what drover wrote and
 * the reverse. Which values may be stored, and what is said of others, is the RPC codec's to know.
 */
import { Deserializer, Serializer } from "node:v8";
import { dataCloneError, makeError } from "../../rpc/codec/errors.ts";
import { unsupportedType } from "../../rpc/error-texts.ts";
import { Fix } from "../../rpc/frames.ts";
import { Blob } from "../../web/forms/blob.ts";
import { Headers, headersFromWire } from "../../web/http/headers.ts";
import { COMMON_HEADERS } from "./common-headers.ts";

/** A copy of a value with the operations that complete it (rpc/codec/encoded.ts). */
export interface PlainValue {
  readonly value: unknown;
  readonly fixes: readonly unknown[][] | undefined;
}

/** The RPC codec by the rules of structured clone. Throws DataCloneErrors. */
export type CloneEncoder = (value: unknown) => PlainValue;

/** Headers that may be changed. */
const NO_GUARD = 3;
/** Tags of host objects. */
const Tag = { headers: 4, domException: 8, error: 10, blob: 15 } as const;

const ERROR_KINDS: readonly string[] = [
  "",
  "Error",
  "TypeError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "CompileError",
  "LinkError",
  "RuntimeError",
  "SuspendError",
  "EvalError",
  "URIError",
  "AggregateError",
  "SuppressedError",
];

type HostObject =
  | { readonly type: "error"; readonly name: string; readonly message: string; props: object }
  | { readonly type: "dom-exception"; readonly name: string; readonly message: string }
  | { readonly type: "headers"; readonly entries: readonly (readonly [string, string])[] }
  | { readonly type: "blob"; readonly mime: string; readonly bytes: Uint8Array };

export class StoredValues {
  readonly #encode: CloneEncoder;

  constructor(encode: CloneEncoder) {
    this.#encode = encode;
  }

  /** Throws a DataCloneError for what cannot be stored. */
  serialize(value: unknown): Uint8Array {
    const { value: plain, fixes } = this.#encode(value);
    const writer = new ValueWriter();
    writer.writeHeader();
    writer.writeValue(fixes === undefined ? plain : writer.complete(plain, fixes));
    return writer.releaseBuffer();
  }

  /** Throws an Error for bytes that are no stored value. */
  deserialize(bytes: Uint8Array): unknown {
    const reader = new ValueReader(bytes);
    // Before version 15 there was no header.
    if (bytes[0] === 0xff) reader.readHeader();
    return reader.readValue();
  }
}

class ValueWriter extends Serializer {
  /** Stand-ins in the value: any native object, for V8 asks about those. */
  readonly #hosts: Map<object, HostObject> = new Map();

  /** Runs the operations with a stand-in for each object that they make; returns the whole value. */
  complete(value: unknown, fixes: readonly unknown[][]): unknown {
    const made: { readonly marker: object; readonly host: HostObject }[] = [];
    const add = (host: HostObject): void => {
      const marker = new Serializer();
      this.#hosts.set(marker, host);
      made.push({ marker, host });
    };
    for (const fix of fixes) {
      switch (fix[0]) {
        case Fix.patch:
          setOwn(fix[1] as object, fix[2] as string, made[-(fix[3] as number) - 1]?.marker);
          break;
        case Fix.error:
          add({ type: "error", name: fix[1] as string, message: fix[2] as string, props: {} });
          break;
        case Fix.errorProps: {
          const host = made[-(fix[1] as number) - 1]?.host;
          if (host?.type === "error") host.props = fix[2] as object;
          break;
        }
        case Fix.domException:
          add({ type: "dom-exception", name: fix[1] as string, message: fix[2] as string });
          break;
        case Fix.type:
          add(hostOf(fix[1] as string, (fix[2] as readonly unknown[])[0]));
          break;
        case Fix.fillMap:
          for (const [key, member] of fix[2] as [unknown, unknown][]) {
            (fix[1] as Map<unknown, unknown>).set(key, member);
          }
          break;
        case Fix.fillSet:
          for (const member of fix[2] as unknown[]) (fix[1] as Set<unknown>).add(member);
          break;
      }
    }
    return (value as readonly unknown[])[0];
  }

  /** Called by V8 for native objects. */
  _writeHostObject(marker: object): void {
    const host = this.#hosts.get(marker);
    if (host === undefined) throw dataCloneError("The object could not be cloned.");
    switch (host.type) {
      case "error": {
        const kind = Math.max(0, ERROR_KINDS.indexOf(host.name));
        this.writeUint32(Tag.error);
        this.writeUint32(kind);
        if (kind === 0) this.writeValue(host.name);
        this.writeValue(host.message);
        this.writeValue(host.props);
        break;
      }
      case "dom-exception":
        this.writeUint32(Tag.domException);
        this.#writeText(host.name);
        this.#writeText(host.message);
        // Its stack.
        this.#writeText(`${host.name}: ${host.message}`);
        break;
      case "headers":
        this.writeUint32(Tag.headers);
        this.writeUint32(NO_GUARD);
        this.writeUint32(host.entries.length);
        for (const [name, value] of host.entries) {
          const number = COMMON_HEADERS.indexOf(name) + 1;
          this.writeUint32(number);
          if (number === 0) this.#writeText(name);
          this.#writeText(value);
        }
        break;
      case "blob":
        this.writeUint32(Tag.blob);
        this.#writeText(host.mime);
        this.writeUint32(host.bytes.byteLength);
        this.writeRawBytes(host.bytes);
        break;
    }
  }

  #writeText(text: string): void {
    const bytes = Buffer.from(text, "utf8");
    this.writeUint32(bytes.byteLength);
    this.writeRawBytes(bytes);
  }
}

class ValueReader extends Deserializer {
  /** Called by V8 where a host object stands. */
  _readHostObject(): unknown {
    const tag = this.readUint32();
    switch (tag) {
      case Tag.error: {
        const kind = this.readUint32();
        const name = kind === 0 ? String(this.readValue()) : (ERROR_KINDS[kind] ?? "Error");
        const error = makeError(name, String(this.readValue()));
        const props = this.readValue();
        if (typeof props === "object" && props !== null) assignProps(error, props);
        return error;
      }
      case Tag.domException: {
        const name = this.#readText();
        const message = this.#readText();
        // Its stack.
        this.#readText();
        return new DOMException(message, name);
      }
      case Tag.headers:
        return this.#readHeaders();
      case Tag.blob: {
        const type = this.#readText();
        return new Blob([this.#copy(this.readUint32())], { type });
      }
      default:
        throw new Error(`A stored value holds an object of type ${tag}, which drover cannot read.`);
    }
  }

  #readHeaders(): Headers {
    const headers = new Headers();
    this.readUint32();
    const count = this.readUint32();
    for (let index = 0; index < count; index += 1) {
      const number = this.readUint32();
      const name = number === 0 ? this.#readText() : COMMON_HEADERS[number - 1];
      if (name === undefined) {
        throw new Error("A stored value holds Headers in a form that drover cannot read.");
      }
      headers.append(name, this.#readText());
    }
    return headers;
  }

  #readText(): string {
    return Buffer.from(this.readRawBytes(this.readUint32())).toString("utf8");
  }

  #copy(length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.readRawBytes(length));
  }
}

function hostOf(tag: string, data: unknown): HostObject {
  if (tag === "headers") {
    const [, wire] = data as [unknown, string];
    const entries = [...headersFromWire(wire, "none")] as [string, string][];
    return { type: "headers", entries };
  }
  if (tag === "blob") {
    const [mime, bytes] = data as [string, Uint8Array];
    return { type: "blob", mime, bytes };
  }
  const name = `${tag.slice(0, 1).toUpperCase()}${tag.slice(1)}`;
  throw dataCloneError(unsupportedType(name));
}

/** The stored stack says nothing here: production drops it too. */
function assignProps(error: object, props: object): void {
  for (const [name, value] of Object.entries(props)) {
    if (name !== "stack") setOwn(error, name, value);
  }
}

/** Never through a setter: `__proto__` is a name like any other. */
function setOwn(container: object, key: string | number, value: unknown): void {
  Object.defineProperty(container, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}
