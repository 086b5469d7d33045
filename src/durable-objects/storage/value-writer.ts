/** Writes one stored value: V8's serializer, and the host objects among its members. */
import { defineValue } from "../../rpc/codec/define.ts";
import { dataCloneError } from "../../rpc/codec/errors.ts";
import { unsupportedType } from "../../rpc/error-texts.ts";
import { Fix } from "../../rpc/frames.ts";
import { nodeV8 } from "../../util/late-modules.ts";
import type { EncodedRequest, EncodedResponse } from "../../web/value-types.ts";
import { COMMON_HEADERS } from "./common-headers.ts";
import {
  ERROR_KINDS,
  Guard,
  type HostObject,
  type StoredRequest,
  type StoredResponse,
  Tag,
  WASM_KINDS,
} from "./host-objects.ts";

/** A copy of a value with the operations that complete it (`Fix`, rpc/frames.ts). */
export interface PlainValue {
  readonly value: unknown;
  readonly fixes: readonly unknown[][] | undefined;
}

/** The bytes of a value that the RPC codec has taken apart. */
export function writeStoredValue({ value, fixes }: PlainValue): Uint8Array {
  const writer = new ValueWriter();
  writer.writeHeader();
  writer.writeValue(fixes === undefined ? value : writer.complete(value, fixes));
  return writer.releaseBuffer();
}

const { Serializer } = nodeV8();

class ValueWriter extends Serializer {
  /** Stand-ins in the value: any native object, for V8 asks about those. */
  readonly #hosts: Map<object, HostObject> = new Map();

  /** Runs the operations with a stand-in for each object that they make; returns the whole value. */
  complete(value: unknown, fixes: readonly unknown[][]): unknown {
    const made: { readonly marker: object; readonly host: HostObject }[] = [];
    const add = (host: HostObject): void => {
      made.push({ marker: this.#standIn(host), host });
    };
    for (const fix of fixes) {
      switch (fix[0]) {
        case Fix.patch:
          defineValue(fix[1] as object, fix[2] as string, made[-(fix[3] as number) - 1]?.marker);
          break;
        case Fix.error:
          add({ type: "error", name: fix[1] as string, message: fix[2] as string, props: {} });
          break;
        case Fix.errorProps: {
          const host = made[-(fix[1] as number) - 1]?.host;
          if (host?.type === "error") host.props = fix[2] as object;
          break;
        }
        case Fix.domException: {
          const [, name, message, stack] = fix as [number, string, string, unknown];
          const text = typeof stack === "string" ? stack : `${name}: ${message}`;
          add({ type: "dom-exception", name, message, stack: text });
          break;
        }
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
        const kind = kindOf(host.name);
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
        this.#writeText(host.stack);
        break;
      case "headers":
        this.#writeHeaders(host.guard, host.wire);
        break;
      case "request":
        this.#writeRequest(host.data);
        break;
      case "response":
        this.#writeResponse(host.data);
        break;
      case "blob":
        this.writeUint32(Tag.blob);
        this.#writeText(host.mime);
        this.writeUint32(host.bytes.byteLength);
        this.writeRawBytes(host.bytes);
        break;
    }
  }

  #standIn(host: HostObject): object {
    const marker = new Serializer();
    this.#hosts.set(marker, host);
    return marker;
  }

  #writeHeaders(guard: number, wire: string): void {
    const entries = entriesOf(wire);
    this.writeUint32(Tag.headers);
    this.writeUint32(guard);
    this.writeUint32(entries.length);
    for (const { number, name, value } of entries) {
      this.writeUint32(number);
      if (number === 0) this.#writeText(name);
      this.#writeText(value);
    }
  }

  #writeRequest({ url, headers, ...state }: EncodedRequest): void {
    this.writeUint32(Tag.request);
    this.#writeText(url);
    const rest: StoredRequest = {
      method: state.method === "GET" ? undefined : state.method,
      headers: this.#standIn({ type: "headers", guard: Guard.none, wire: headers }),
      body: null,
      redirect: state.redirect,
      fetcher: undefined,
      cf: state.cf,
      cache: state.cache,
      integrity: undefined,
      signal: undefined,
      encodeResponseBody: state.encodeResponseBody,
    };
    this.writeValue(rest);
  }

  #writeResponse({ status, statusText, headers, cf, encodeBody }: EncodedResponse): void {
    this.writeUint32(Tag.response);
    this.writeValue(null);
    const rest: StoredResponse = {
      status: status === 200 ? undefined : status,
      statusText,
      headers: this.#standIn({ type: "headers", guard: Guard.none, wire: headers }),
      cf,
      webSocket: undefined,
      encodeBody: encodeBody === "manual" ? encodeBody : undefined,
    };
    this.writeValue(rest);
  }

  #writeText(text: string): void {
    const bytes = Buffer.from(text, "utf8");
    this.writeUint32(bytes.byteLength);
    this.writeRawBytes(bytes);
  }
}

function hostOf(tag: string, data: unknown): HostObject {
  switch (tag) {
    case "headers": {
      const [guard, wire] = data as [string, string];
      return { type: tag, guard: guard === "immutable" ? Guard.immutable : Guard.none, wire };
    }
    case "blob": {
      const [mime, bytes] = data as [string, Uint8Array];
      return { type: tag, mime, bytes };
    }
    case "request":
      return { type: tag, data: data as EncodedRequest };
    case "response":
      return { type: tag, data: data as EncodedResponse };
    default:
      throw dataCloneError(unsupportedType(`${tag.slice(0, 1).toUpperCase()}${tag.slice(1)}`));
  }
}

function kindOf(name: string): number {
  const kind = ERROR_KINDS.indexOf(name);
  return kind < 0 || WASM_KINDS.has(kind) ? 0 : kind;
}

/** Names and values of headers (`name\nvalue\n...`): first those that have a number, by number. */
function entriesOf(wire: string) {
  const parts = wire === "" ? [] : wire.split("\n");
  const entries: { readonly number: number; readonly name: string; readonly value: string }[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [name, value] = [parts[at] as string, parts[at + 1] as string];
    entries.push({ number: COMMON_HEADERS.indexOf(name.toLowerCase()) + 1, name, value });
  }
  const order = (number: number): number => (number === 0 ? COMMON_HEADERS.length + 1 : number);
  return entries.sort((a, b) => order(a.number) - order(b.number));
}
