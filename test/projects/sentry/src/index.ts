import * as Sentry from "@sentry/cloudflare";
import { DurableObject } from "cloudflare:workers";

interface Env {
  COUNTER: DurableObjectNamespace<CounterBase>;
  /** Where the envelopes go: this Worker itself. */
  ORIGIN: string;
}
/** What arrived: the parts of each item that are the same in every run. */
const items: string[] = [];

const options = (env: Env) => ({
  dsn: "http://key@127.0.0.1/1",
  tunnel: env.ORIGIN && `${env.ORIGIN}/tunnel`,
  release: "one",
  tracesSampleRate: 1,
  sendClientReports: false,
});

class CounterBase extends DurableObject<Env> {
  add(by: number) {
    if (by < 0) throw new RangeError("only upwards");
    const count = (this.ctx.storage.kv.get<number>("count") ?? 0) + by;
    this.ctx.storage.kv.put("count", count);
    return count;
  }
}
export const Counter = Sentry.instrumentDurableObjectWithSentry(options, CounterBase as never);

const handler: ExportedHandler<Env> = {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    switch (pathname) {
      case "/fails":
        throw new TypeError("not handled");
      case "/captures":
        Sentry.addBreadcrumb({ message: "a crumb" });
        Sentry.setTag("colour", "blue");
        Sentry.captureException(new Error("captured", { cause: new RangeError("why") }));
        return Response.json({ id: Sentry.captureMessage("a message", "warning").length });
      case "/spans":
        return Sentry.startSpan({ name: "outer", op: "work" }, async () => {
          const count = await Sentry.startSpan({ name: "inner" }, () =>
            env.COUNTER.getByName("a").add(1),
          );
          return Response.json({ count, traced: Sentry.getActiveSpan() !== undefined });
        });
      case "/later":
        ctx.waitUntil(Promise.resolve().then(() => Sentry.captureMessage("later")));
        return new Response("now");
      case "/object": {
        const counter = env.COUNTER.getByName("b");
        try {
          return Response.json(await counter.add(-1));
        } catch (error) {
          return Response.json({ caught: (error as Error).message });
        }
      }
    }
    return new Response("hello");
  },
};
const wrapped = Sentry.withSentry<Env>(options as never, handler);

/** @returns what of an envelope does not change from run to run */
function shown(envelope: string): string[] {
  const [, ...lines] = envelope.split("\n").filter((line) => line !== "");
  const found: string[] = [];
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const { type } = JSON.parse(lines[at] as string);
    const item = JSON.parse(lines[at + 1] as string);
    const errors = item.exception?.values.map(
      (one: { type: string; value: string; mechanism: { handled: boolean; type: string } }) =>
        `${one.type}: ${one.value} (${one.mechanism?.type}, ${one.mechanism?.handled})`,
    );
    const crumbs = item.breadcrumbs?.map((crumb: { message?: string }) => crumb.message);
    if (type === "span") {
      found.push(...item.items.map((span: { name: string }) => `span ${span.name}`));
      continue;
    }
    const { message, tags, level, request } = item;
    const path = request && new URL(request.url).pathname;
    const runtime = item.contexts?.runtime?.name;
    found.push(JSON.stringify({ type, message, tags, level, path, runtime, errors, crumbs }));
  }
  return found;
}

export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const { pathname, origin, searchParams } = new URL(request.url);
    if (pathname === "/tunnel") {
      items.push(...shown(await request.text()));
      return new Response("{}");
    }
    if (pathname === "/items") {
      // Envelopes leave after the response: `count` of them are waited for.
      const count = Number(searchParams.get("count"));
      for (let tries = 0; items.length < count && tries < 100; tries++) await scheduler.wait(20);
      return Response.json(items.splice(0).sort());
    }
    const response = wrapped.fetch as NonNullable<typeof wrapped.fetch>;
    try {
      return await response.call(wrapped, request as never, { ...env, ORIGIN: origin }, ctx);
    } catch (error) {
      return Response.json({ thrown: String(error) }, { status: 500 });
    }
  },
} as never;
