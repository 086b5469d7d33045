/** The module `cloudflare:node`; loaded with its first import, like all of `node:http` behind it (scripts/late-groups.js). */
import type { ModuleNamespace } from "../../isolate/builtin-module.ts";
import { handleAsNodeRequest, httpServerHandler } from "../../node/http/handlers.ts";
import { connectHandler, handleAsNodeConnection } from "../../node/net/server.ts";

export function cloudflareNode(): ModuleNamespace {
  return { connectHandler, handleAsNodeConnection, handleAsNodeRequest, httpServerHandler };
}
