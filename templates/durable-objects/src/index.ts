import { DurableObject } from "cloudflare:workers";

interface Env {
  COUNTERS: DurableObjectNamespace<Counter>;
}

/** Without a call for so long, a counter starts anew. */
const FORGET_MS = 24 * 60 * 60 * 1000;

/** One instance for each name, wherever it is called from; what it stores outlives it. */
export class Counter extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS counts (time INTEGER NOT NULL)");
  }

  async add(): Promise<number> {
    this.ctx.storage.sql.exec("INSERT INTO counts VALUES (?)", Date.now());
    await this.ctx.storage.setAlarm(Date.now() + FORGET_MS);
    return this.count();
  }

  count(): number {
    return Number(this.ctx.storage.sql.exec("SELECT count(*) AS count FROM counts").one().count);
  }

  /** Called by the platform at the time of the alarm. */
  override alarm(): void {
    this.ctx.storage.sql.exec("DELETE FROM counts");
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const name = new URL(request.url).pathname.slice(1);
    if (name === "") return new Response("Try POST /visits, then GET /visits.\n", { status: 404 });
    // A method call into the object of this name: no URL, no JSON, no lock to take.
    const counter = env.COUNTERS.getByName(name);
    const count = request.method === "POST" ? await counter.add() : await counter.count();
    return Response.json({ name, count });
  },
};
