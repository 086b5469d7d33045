/**
 * Static assets as a Worker's thread sees them: `env.ASSETS`, and the router in front of the default
 * entrypoint for `fetch` of bindings (spec/assets.md 1, 15, 16). The host decides, as for requests
 * from outside, and sends the bytes of small files; large ones are read here. One per thread.
 */
import type { Invocation } from "../../isolate/invocation.ts";
import type { AssetAsk, AssetReply, ThreadToHost } from "../../protocol/thread.ts";
import type { AcceptedSession } from "../../rpc/contract.ts";
import { createDeferred, type Deferred } from "../../util/deferred.ts";
import { BLOCKED, imageGuard, isImage } from "../../util/image-guard.ts";
import { nodeFiles } from "../../util/late-modules.ts";
import type { LazyStream } from "../../web/http/body-source.ts";
import { isRequest, type Request } from "../../web/http/request.ts";
import { createResponse, isResponse, type Response } from "../../web/http/response.ts";
import { ReadableStream } from "../../web/streams/readable-stream.ts";

const CHUNK = 64 * 1024;

export class AssetClient {
  readonly #post: (message: ThreadToHost) => void;
  readonly #asked: Map<number, Deferred<AssetReply | null>> = new Map();
  #lastRequest = 0;

  constructor(post: (message: ThreadToHost) => void) {
    this.#post = post;
  }

  onAnswer(request: number, reply: AssetReply | null): void {
    this.#asked.get(request)?.resolve(reply);
    this.#asked.delete(request);
  }

  /** What the router in front of this Worker makes of a request: an asset, or what `worker` says. */
  async route(request: Request, invocation: Invocation, worker: () => unknown): Promise<unknown> {
    const reply = await this.#ask("router", request, invocation);
    if (reply !== null) return toResponse(reply, invocation);
    const { method, url, headers } = request;
    const guard = imageGuard(method, new URL(url), headers.get("sec-fetch-dest") ?? "");
    if (guard === "refuse") return blocked();
    const answer = await worker();
    const isPassed =
      guard === "none" ||
      !isResponse(answer) ||
      isImage(answer.status, answer.headers.get("content-type") ?? "");
    return isPassed ? answer : blocked();
  }

  /** `env.ASSETS.fetch`. */
  async fetch(request: Request, invocation: Invocation): Promise<Response> {
    const reply = await this.#ask("assets", request, invocation);
    if (reply === null) throw new Error("This Worker has no static assets any more.");
    return toResponse(reply, invocation);
  }

  async #ask(
    part: AssetAsk["part"],
    { method, url, headers }: Request,
    invocation: Invocation,
  ): Promise<AssetReply | null> {
    const request = ++this.#lastRequest;
    const answer = createDeferred<AssetReply | null>();
    this.#asked.set(request, answer);
    const ask = {
      part,
      method,
      url,
      isNavigation: headers.get("sec-fetch-mode") === "navigate",
      ifNoneMatch: headers.get("if-none-match") ?? "",
      isPrivate: headers.has("authorization") || headers.has("range"),
    };
    this.#post({ type: "asset-request", request, ask });
    const release = invocation.hold();
    try {
      return await answer.promise;
    } finally {
      release();
    }
  }
}

function blocked(): Response {
  const headers = "content-type\ntext/plain;charset=UTF-8";
  const body = new TextEncoder().encode(BLOCKED);
  return createResponse({ status: 403, statusText: "Forbidden", headers, guard: "response", body });
}

/** The asset server has no methods: calls fail as they do in production. */
class AssetServer {}

/** The callee's side of a session to an assets binding. */
export function acceptAssets(client: AssetClient, invocation: Invocation): AcceptedSession {
  return {
    context: invocation,
    lookup: "class",
    target: () => new AssetServer(),
    event: (name, [request]) => {
      if (name !== "fetch" || !isRequest(request)) {
        throw new Error(`Handler does not export a ${name}() function.`);
      }
      return client.fetch(request, invocation);
    },
    finished: (reason) => invocation.end(reason),
  };
}

function toResponse(
  { status, statusText, headers, body }: AssetReply,
  invocation: Invocation,
): Response {
  const isWhole = body === null || body instanceof Uint8Array;
  const source = isWhole ? body : fileStream(body.path, body.size, invocation);
  return createResponse({ status, statusText, headers, guard: "response", body: source });
}

/** As many bytes as were announced, read as they are asked for. */
function fileStream(path: string, length: number, invocation: Invocation): LazyStream {
  return {
    length,
    open: () => {
      const file = nodeFiles().open(path);
      let left = length;
      return new ReadableStream({
        type: "bytes",
        async pull(controller) {
          const release = invocation.hold();
          try {
            const handle = await file;
            const chunk = new Uint8Array(Math.min(CHUNK, left));
            const { bytesRead } = await handle.read(chunk, 0, chunk.byteLength);
            if (bytesRead === 0) throw new Error(`${path} became shorter while it was read.`);
            left -= bytesRead;
            controller.enqueue(chunk.subarray(0, bytesRead));
            if (left > 0) return;
            await handle.close();
            controller.close();
          } finally {
            release();
          }
        },
        async cancel() {
          await (await file).close();
        },
      });
    },
  };
}
