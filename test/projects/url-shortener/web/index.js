export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/admin/")) return env.ADMIN.fetch(request);
    const slug = pathname.slice(1);
    if (slug.startsWith("stats/")) return Response.json(await env.STATS.of(slug.slice(6)));
    const target = await env.LINKS.get(`link:${slug}`);
    if (target === null) return new Response("no such link", { status: 404 });
    await env.STATS.count(slug);
    return Response.redirect(target, 302);
  },
};
