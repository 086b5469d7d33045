interface Env {
  ASSETS: { fetch(input: Request | URL | string): Promise<Response> };
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/api/time") return Response.json({ now: new Date().toISOString() });
    const page = await env.ASSETS.fetch(new URL("/404", url));
    return new Response(page.body, { status: 404, headers: page.headers });
  },
};
