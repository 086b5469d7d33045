export default {
  async fetch(request, env) {
    const slug = new URL(request.url).pathname.slice("/admin/".length);
    if (request.method === "PUT") {
      const target = await request.text();
      if (!URL.canParse(target)) return new Response("not a URL", { status: 400 });
      await env.LINKS.put(`link:${slug}`, target, {
        metadata: { by: request.headers.get("x-user") },
      });
      return Response.json({ slug, target }, { status: 201 });
    }
    if (request.method === "DELETE") await env.LINKS.delete(`link:${slug}`);
    const { keys } = await env.LINKS.list({ prefix: "link:" });
    return Response.json(keys);
  },
};
