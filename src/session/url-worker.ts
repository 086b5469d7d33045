/**
 * The Worker behind `--service AUTH=<url>`: every request goes on to that URL. Bundled and run in a
 * thread of its own like any Worker; nothing of the session imports it.
 */
interface Env {
  /** Origin, and what its path begins with. */
  readonly URL: string;
  /** Name of the binding, for messages. */
  readonly BINDING: string;
}

interface UrlWorker {
  fetch(request: Request, env: Env): Promise<Response>;
}

const worker: UrlWorker = {
  async fetch(request: Request, { URL: base, BINDING: binding }: Env): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const target = base.replace(/\/$/, "") + pathname + search;
    try {
      return await fetch(new Request(target, request), { redirect: "manual" });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return new Response(`${binding}: ${base} does not answer (--service): ${reason}\n`, {
        status: 502,
      });
    }
  },
};
export default worker;
