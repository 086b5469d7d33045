/** `httpServerHandler` and `handleAsNodeRequest` of `cloudflare:node` (spec/node.md 8.2). */
import { isRequest, type Request } from "../../web/http/request.ts";
import type { Response } from "../../web/http/response.ts";
import { invalidType, nodeError } from "../errors.ts";
import { listenPort, serverAt } from "../net/ports.ts";
import { handleRequest, Server } from "./server.ts";

/** A handler object whose requests go to the server of that port, or to this one. */
export function httpServerHandler(descriptor: unknown): object {
  if (descriptor === undefined || descriptor === null) {
    throw new Error("Server descriptor cannot be null or undefined");
  }
  const port = portOf(descriptor);
  return {
    fetch: (request: Request, env: unknown, ctx: unknown) =>
      handleAsNodeRequest(port, request, env, ctx),
  };
}

export async function handleAsNodeRequest(
  descriptor: unknown,
  request: Request,
  env?: unknown,
  ctx?: unknown,
): Promise<Response> {
  const port = portOf(descriptor);
  if (!isRequest(request)) throw invalidType("request", "an instance of Request", request);
  const server = serverAt(port);
  if (server instanceof Server) return await handleRequest(server, request, { env, ctx });
  throw nodeError(
    Error,
    "ERR_INVALID_ARG_VALUE",
    `Http server with port ${port} not found. This is likely a bug with your code. You should check if server.listen() was called with the same port (${port})`,
  );
}

/** A server that does not listen yet is made to. */
function portOf(descriptor: unknown): number {
  if (typeof descriptor === "number") return listenPort(descriptor);
  const { port } = (descriptor ?? {}) as { readonly port?: unknown };
  if (port !== undefined && port !== null) return listenPort(port);
  const server = (descriptor ?? {}) as Partial<Server>;
  if (typeof server.address === "function" && typeof server.listen === "function") {
    if (server.listening !== true) server.listen();
    const address = server.address() as { readonly port?: number } | null;
    if (address?.port !== undefined) return address.port;
  }
  throw new Error("Failed to determine port for server");
}
