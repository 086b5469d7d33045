/* A Worker from before RPC: compatibility date 2024-01-01. Answers what it finds on its binding. */
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    try {
      return Response.json({ ok: true, value: await probes[pathname.slice(1)](env.PEER, ctx) });
    } catch (error) {
      return Response.json({ ok: false, error: `${error.name}: ${error.message}` });
    }
  },
};

let firstContext;

const probes = {
  context: (_peer, ctx) => {
    firstContext ??= ctx;
    return ctx === firstContext;
  },
  urls: () => ["http://my-url.com", "HTTP://A.com:80/b/../%7e"].map((url) => new Request(url).url),
  members: (peer) => ({
    method: typeof peer.add,
    isIn: "add" in peer,
    fetch: typeof peer.fetch,
    get: typeof peer.get,
    put: typeof peer.put,
    delete: typeof peer.delete,
  }),
  get: async (peer) => [
    await peer.get("http://x/a?b=c"),
    await peer.get("http://x/a", "text"),
    new TextDecoder().decode(await peer.get("http://x/a", "arrayBuffer")),
    await new Response(await peer.get("http://x/a", "stream")).text(),
    await peer.get("http://x/json", "json"),
    await peer.get("http://x/missing"),
  ],
  "get-failing": (peer) => peer.get("http://x/failing"),
  put: async (peer) => [
    await peer.put("http://x/a", "body"),
    await peer.put("http://x/a", "body", {}),
  ],
  delete: (peer) => peer.delete("http://x/a"),
};
