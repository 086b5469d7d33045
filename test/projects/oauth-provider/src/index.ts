import { WorkerEntrypoint } from "cloudflare:workers";
import OAuthProvider, { AuthorizationError } from "@cloudflare/workers-oauth-provider";

interface Env {
  OAUTH_KV: KVNamespace;
  // biome-ignore lint/suspicious/noExplicitAny: the library's helpers
  OAUTH_PROVIDER: any;
}

/** Only reached with a token; what `completeAuthorization` stored is in `ctx.props`. */
export class Api extends WorkerEntrypoint<Env, { user: string }> {
  fetch(request: Request) {
    const { pathname } = new URL(request.url);
    return Response.json({ pathname, props: this.ctx.props });
  }
}

const site = {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/authorize") {
      try {
        const asked = await env.OAUTH_PROVIDER.parseAuthRequest(request);
        const client = await env.OAUTH_PROVIDER.lookupClient(asked.clientId);
        const { redirectTo } = await env.OAUTH_PROVIDER.completeAuthorization({
          request: asked,
          userId: "ada",
          metadata: { client: client.clientName },
          scope: asked.scope,
          props: { user: "ada" },
        });
        return Response.redirect(redirectTo, 302);
      } catch (error) {
        if (!(error instanceof AuthorizationError)) throw error;
        return new Response(error.message, { status: 400 });
      }
    }
    if (pathname === "/grants") {
      const { items } = await env.OAUTH_PROVIDER.listUserGrants("ada");
      return Response.json(
        items.map(({ userId, scope, metadata }: Record<string, unknown>) => ({
          userId,
          scope,
          metadata,
        })),
      );
    }
    if (pathname === "/keys") {
      const { keys } = await env.OAUTH_KV.list();
      return Response.json(keys.map(({ name }) => name.split(":")[0]).sort());
    }
    return new Response("site", { status: 404 });
  },
};

const provider = new OAuthProvider({
  apiRoute: "/api/",
  apiHandler: Api,
  defaultHandler: site as never,
  authorizeEndpoint: "/authorize",
  tokenEndpoint: "/oauth/token",
  clientRegistrationEndpoint: "/oauth/register",
  scopesSupported: ["read", "write", "offline_access"],
  requiredScopes: ["read"],
  resourceMetadata: {
    resource: "https://api.example.com/api/",
    authorization_servers: ["https://api.example.com"],
  },
});

export default {
  /** As behind a host of its own, which tokens are made for. */
  fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const moved = new Request(`https://api.example.com${pathname}${search}`, request);
    return provider.fetch(moved, env as never, ctx);
  },
};
