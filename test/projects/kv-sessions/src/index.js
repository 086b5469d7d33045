const TTL = 3600;

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const id = /session=([^;]+)/.exec(request.headers.get("cookie") ?? "")?.[1];
    if (pathname === "/login") {
      const created = crypto.randomUUID();
      const user = searchParams.get("user");
      await env.SESSIONS.put(`session:${created}`, JSON.stringify({ user, cart: [] }), {
        expirationTtl: TTL,
        metadata: { user },
      });
      return new Response("welcome", {
        headers: { "set-cookie": `session=${created}; HttpOnly; Path=/; Max-Age=${TTL}` },
      });
    }
    if (pathname === "/online") {
      const { keys, list_complete } = await env.SESSIONS.list({ prefix: "session:" });
      return Response.json({
        users: keys.map(({ metadata }) => metadata.user).sort(),
        timed: keys.every(({ expiration }) => expiration > Date.now() / 1000),
        list_complete,
      });
    }
    const { value, metadata } = await env.SESSIONS.getWithMetadata(`session:${id}`, "json");
    if (value === null) return new Response("log in first", { status: 401 });
    if (pathname === "/logout") {
      await env.SESSIONS.delete(`session:${id}`);
      return new Response("bye", { headers: { "set-cookie": "session=; Max-Age=0" } });
    }
    if (request.method === "POST") {
      value.cart.push(await request.text());
      await env.SESSIONS.put(`session:${id}`, JSON.stringify(value), {
        expirationTtl: TTL,
        metadata,
      });
    }
    return Response.json(value);
  },
};
