/** Reads one stored value: V8's deserializer, and the host objects among its members. */
import { defineValue } from "../../rpc/codec/define.ts";
import { makeError } from "../../rpc/codec/errors.ts";
import { nodeV8 } from "../../util/late-modules.ts";
import { Blob } from "../../web/forms/blob.ts";
import { type Headers, headersFromWire, headersToWire, isHeaders } from "../../web/http/headers.ts";
import { createRequest, type Request } from "../../web/http/request.ts";
import { createResponse, Response } from "../../web/http/response.ts";
import { COMMON_HEADERS } from "./common-headers.ts";
import {
  ERROR_KINDS,
  Guard,
  type StoredRequest,
  type StoredResponse,
  Tag,
} from "./host-objects.ts";

/** Throws an Error for bytes that are no stored value. */
export function readStoredValue(bytes: Uint8Array): unknown {
  const reader = new ValueReader(bytes);
  // Before version 15 there was no header.
  if (bytes[0] === 0xff) reader.readHeader();
  return reader.readValue();
}

const { Deserializer } = nodeV8();

class ValueReader extends Deserializer {
  /** Called by V8 where a host object stands. */
  _readHostObject(): unknown {
    const tag = this.readUint32();
    switch (tag) {
      case Tag.error:
        return this.#readError();
      case Tag.domException:
        return this.#readException();
      case Tag.headers:
        return this.#readHeaders();
      case Tag.request:
        return this.#readRequest();
      case Tag.response:
        return this.#readResponse();
      case Tag.blob: {
        const type = this.#readText();
        return new Blob([this.#copy(this.readUint32())], { type });
      }
      default:
        throw new Error(`A stored value holds an object of type ${tag}, which drover cannot read.`);
    }
  }

  #readError(): Error {
    const kind = this.readUint32();
    const name = kind === 0 ? String(this.readValue()) : (ERROR_KINDS[kind] ?? "Error");
    const error = makeError(name, String(this.readValue()));
    const props = this.readValue();
    if (typeof props === "object" && props !== null) {
      for (const [key, value] of Object.entries(props)) defineValue(error, key, value);
    }
    return error;
  }

  #readException(): DOMException {
    const name = this.#readText();
    const exception = new DOMException(this.#readText(), name);
    exception.stack = this.#readText();
    return exception;
  }

  #readHeaders(): Headers {
    const guard = this.readUint32();
    const count = this.readUint32();
    const parts: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const number = this.readUint32();
      const name = number === 0 ? this.#readText() : COMMON_HEADERS[number - 1];
      if (name === undefined) {
        throw new Error("A stored value holds Headers in a form that drover cannot read.");
      }
      parts.push(name, this.#readText());
    }
    return headersFromWire(parts.join("\n"), guard === Guard.none ? "none" : "immutable");
  }

  /** Its headers may be changed, whatever those of the stored one were. */
  #readRequest(): Request {
    const url = this.#readText();
    const init = this.#readMembers<StoredRequest>("Request");
    return createRequest({
      url,
      method: init.method ?? "GET",
      headers: wireOf(init.headers),
      guard: "request",
      body: null,
      redirect: init.redirect ?? "follow",
      cf: init.cf,
      cache: init.cache,
      encodeResponseBody: init.encodeResponseBody,
    });
  }

  #readResponse(): Response {
    // Its body.
    this.readValue();
    const init = this.#readMembers<StoredResponse>("Response");
    if (init.status === 0) return Response.error();
    return createResponse({
      status: init.status ?? 200,
      statusText: init.statusText,
      headers: wireOf(init.headers),
      guard: "response",
      body: null,
      cf: init.cf,
      ...(init.encodeBody === undefined ? {} : { encodeBody: init.encodeBody }),
    });
  }

  #readMembers<T>(what: string): Partial<T> {
    const members: unknown = this.readValue();
    if (typeof members === "object" && members !== null) return members as Partial<T>;
    throw new Error(`A stored value holds a ${what} in a form that drover cannot read.`);
  }

  #readText(): string {
    return Buffer.from(this.readRawBytes(this.readUint32())).toString("utf8");
  }

  #copy(length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.readRawBytes(length));
  }
}

function wireOf(headers: unknown): string {
  return isHeaders(headers) ? headersToWire(headers) : "";
}
