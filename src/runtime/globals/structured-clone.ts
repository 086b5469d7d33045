/**
 * The global `structuredClone`: Node's, plus the runtime's own classes, which Node would turn into
 * empty objects, and production's refusals.
 */

import { readableOnlyRpc, unsupportedType, writableOnlyRpc } from "../../rpc/error-texts.ts";
import { Blob, blobBytes, File, isBlob } from "../http/blob.ts";
import { isFormData } from "../http/form-data.ts";
import { Headers, isHeaders } from "../http/headers.ts";
import { isRequest } from "../http/request.ts";
import { isResponse } from "../http/response.ts";

const native: typeof structuredClone = structuredClone;

/** Prototype -> why nothing below it is cloned. */
const refusals = new Map<object, string>();

/** Objects with `prototype` in their chain are refused with a DataCloneError of this text. */
export function refuseToClone(prototype: object, text: string): void {
  refusals.set(prototype, text);
}

export function cloneStructured(
  value: unknown,
  options?: { readonly transfer?: readonly object[] },
): unknown {
  if (isHeaders(value)) return new Headers(value);
  if (isBlob(value) && !(value instanceof File)) {
    return new Blob([blobBytes(value)], { type: value.type });
  }
  for (const [prototype, text] of refusals) {
    if (Object.prototype.isPrototypeOf.call(prototype, value as object)) {
      throw cloneError(text);
    }
  }
  // Node would say so with a TypeError.
  if (options === undefined && value instanceof ReadableStream) throw cloneError(readableOnlyRpc);
  if (options === undefined && value instanceof WritableStream) throw cloneError(writableOnlyRpc);
  const refused = refusedType(value);
  if (refused !== undefined) throw cloneError(unsupportedType(refused));
  return native(value, options as { transfer: never[] } | undefined);
}

function cloneError(text: string): DOMException {
  return new DOMException(text, "DataCloneError");
}

function refusedType(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (isRequest(value)) return "Request";
  if (isResponse(value)) return "Response";
  if (isFormData(value)) return "FormData";
  if (isBlob(value)) return "File";
  if (value instanceof URL) return "URL";
  if (value instanceof URLSearchParams) return "URLSearchParams";
  return undefined;
}
