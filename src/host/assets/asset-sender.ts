/** Sends what the asset server decided to an HTTP client. Main thread of the host. */

import { MAX_FILE_SIZE } from "../../assets/limits.ts";
import { BODY_STREAM } from "../../protocol/http.ts";
import { messageOf } from "../../util/errors.ts";
import { isCompressible, preferredCoding } from "../answer-coding.ts";
import type { Exchange } from "../exchange.ts";
import { type AssetAnswer, joinHeaders } from "./asset-answer.ts";
import { type AssetFile, type AssetFiles, type FileCoding, MAX_WHOLE } from "./asset-files.ts";
import { FileStream } from "./file-stream.ts";

/** What wrangler says of a not-found page. */
export const NOT_FOUND_NOTE =
  "`Sec-Fetch-Mode: navigate` header present - using `not_found_handling` behavior";

/** `accepted`: the client's Accept-Encoding. */
export function sendAsset(
  files: AssetFiles,
  exchange: Exchange,
  answer: AssetAnswer,
  accepted: string,
): void {
  const { status, statusText, file } = answer;
  if (file !== undefined && file.size > MAX_FILE_SIZE) {
    const message = `${file.path} is larger than the 25 MiB that an asset may have.`;
    exchange.fail({ status: 500, title: "Asset too large", message });
    return;
  }
  const coding = preferredCoding(accepted);
  let { headers } = answer;
  const type = headers.get("content-type") ?? "";
  const encodes =
    coding !== undefined &&
    coding !== "identity" &&
    (file !== undefined || status === 304) &&
    !headers.has("content-encoding") &&
    !(exchange.changesPages && type.includes("text/html")) &&
    isCompressible(type);
  if (encodes) headers = new Map([...headers, ["content-encoding", coding]]);
  const head = joinHeaders(headers);
  // A client that takes nothing at all is refused by the exchange.
  if (file === undefined || exchange.isHead || coding === undefined) {
    exchange.onResponse(status, statusText, head, null, -1);
    return;
  }
  const bytes = files.peek(file, encodes ? coding : "identity");
  if (bytes !== undefined) exchange.onResponse(status, statusText, head, bytes, -1);
  else if (file.size <= MAX_WHOLE || encodes) {
    void sendWhole(files, exchange, answer, head, file, encodes ? coding : "identity");
  } else {
    const stream = new FileStream(file);
    exchange.serveFrom(stream);
    exchange.onResponse(status, statusText, head, BODY_STREAM, file.size);
    stream.start(exchange);
  }
}

/** Never rejects. */
async function sendWhole(
  files: AssetFiles,
  exchange: Exchange,
  { status, statusText }: AssetAnswer,
  head: string,
  file: AssetFile,
  coding: FileCoding,
): Promise<void> {
  try {
    const bytes = await files.read(file, coding);
    exchange.onResponse(status, statusText, head, bytes, -1);
  } catch (error) {
    exchange.fail({ status: 500, title: "Asset cannot be read", message: messageOf(error) });
  }
}
