import { WorkerEntrypoint } from "cloudflare:workers";

export class Stats extends WorkerEntrypoint {
  async count(slug) {
    const before = Number((await this.env.LINKS.get(`hits:${slug}`)) ?? 0);
    await this.env.LINKS.put(`hits:${slug}`, String(before + 1));
  }

  async of(slug) {
    const [target, hits] = await Promise.all([
      this.env.LINKS.get(`link:${slug}`),
      this.env.LINKS.get(`hits:${slug}`, "json"),
    ]);
    return { slug, target, hits: hits ?? 0 };
  }
}

export default { fetch: () => new Response("stats has no pages", { status: 404 }) };
