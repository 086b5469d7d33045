/**
 * A body as FormData, by its content type (spec/platform.md 6.3). Used by body.ts only.
 */
import { httpCompat } from "../compat.ts";
import { parseMimeType } from "../http/mime-type.ts";
import { FormData } from "./form-data.ts";
import { parseMultipart } from "./multipart.ts";
import { parseUrlEncoded } from "./url-encoded.ts";

const NO_BOUNDARY =
  "No boundary string in Content-Type header. The multipart/form-data MIME type requires a boundary parameter, e.g. 'Content-Type: multipart/form-data; boundary=\"abcd\"'. See RFC 7578, section 4.";

/** @throws TypeError for a content type that is no form's; the parser throws for a broken body */
export function formParser(contentType: string | null): (bytes: Uint8Array) => FormData {
  if (contentType === null) {
    throw new TypeError("Parsing a Body as FormData requires a Content-Type header.");
  }
  const type = parseMimeType(contentType);
  if (type?.essence === "multipart/form-data") {
    const boundary = type.parameters.get("boundary");
    if (boundary === undefined) throw new TypeError(NO_BOUNDARY);
    const { formFiles } = httpCompat();
    return (bytes) => parseMultipart(bytes, boundary, formFiles);
  }
  if (type?.essence === "application/x-www-form-urlencoded") {
    if ((type.parameters.get("charset") ?? "utf-8").toLowerCase() !== "utf-8") {
      throw new TypeError("Non-utf-8 application/x-www-form-urlencoded body.");
    }
    return (bytes) => {
      const form = new FormData();
      for (const [name, value] of parseUrlEncoded(bytes)) form.append(name, value);
      return form;
    };
  }
  throw new TypeError(
    "Unrecognized Content-Type header value. FormData can only parse the following MIME types: multipart/form-data, application/x-www-form-urlencoded",
  );
}
