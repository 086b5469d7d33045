import { once } from "node:events";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { eventually } from "../helpers/eventually.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/*
 * Listeners and handlers of WebSockets that throw: what the client sees, what tail events say and what is
 * printed. What is expected is what `wrangler dev` 4.164 gave at both dates, but for two things of docs/parity.md:
 * errors that were reported have their own name, and each error is printed once.
 */

const SOCKETS = `
import { DurableObject } from "cloudflare:workers";
function fail(how: string | null, what: string): unknown {
  if (how === "reject") return Promise.reject(new TypeError("boom " + what));
  throw new TypeError("boom " + what);
}
function accepted({ searchParams }: URL): Response {
  const [client, server] = Object.values(new WebSocketPair()) as any[];
  for (const type of ["message", "close", "error"]) {
    server.addEventListener(type, () => {
      if (type === searchParams.get("on")) return fail(searchParams.get("how"), type);
      if (type === "message") throw new Error("first");
    });
  }
  server.accept();
  return new Response(null, { status: 101, webSocket: client });
}
export class Plain extends DurableObject {
  fetch(request: Request): Response { return accepted(new URL(request.url)); }
}
export class Sleepy extends DurableObject {
  fetch(request: Request): Response {
    const [client, server] = Object.values(new WebSocketPair()) as any[];
    this.ctx.acceptWebSocket(server);
    server.serializeAttachment(new URL(request.url).searchParams.get("how"));
    return new Response(null, { status: 101, webSocket: client });
  }
  webSocketMessage(socket: any): unknown { return fail(socket.deserializeAttachment(), "message"); }
  webSocketClose(): void {}
}
export default {
  async fetch(request: Request, env: any): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/server") return accepted(url);
    return env[url.pathname.slice(1).toUpperCase()].getByName("x").fetch(request);
  },
};
`;

const CONSUMER = `
export default {
  tail([{ event, outcome, exceptions, executionModel }]: any) {
    const what = event.request ? new URL(event.request.url).pathname : event.getWebSocketEvent.webSocketEventType;
    const errors = exceptions.map(({ name, message }: any) => name + ": " + message).join(", ");
    console.log("heard", executionModel, what, outcome, "(" + errors + ")");
  },
};`;

const LOST = "Error: Network connection lost.";
/** Path; what its client does, and sees; what is told of it, in whichever order; what is printed. */
type Case = readonly [string, "send" | "close" | "leave", number | undefined, string[], string?];

const BOTH: readonly Case[] = [
  [
    "/server?on=message&how=reject",
    "leave",
    undefined,
    ["stateless /server responseStreamDisconnected ()"],
  ],
  [
    "/sleepy?how=throw",
    "send",
    undefined,
    ["durableObject message exception (TypeError: boom message)"],
    "TypeError: boom message",
  ],
  [
    "/sleepy?how=reject",
    "send",
    undefined,
    ["durableObject message ok (TypeError: boom message)"],
    "TypeError: boom message",
  ],
];

const CASES: Readonly<Record<string, readonly Case[]>> = {
  "2026-09-14": [
    [
      "/server?on=message",
      "send",
      1006,
      [`stateless /server exception (${LOST})`],
      "TypeError: boom message",
    ],
    [
      "/server?on=close",
      "close",
      4000,
      [`stateless /server exception (${LOST})`],
      "TypeError: boom close",
    ],
    [
      "/server?on=error",
      "send",
      1006,
      [`stateless /server exception (TypeError: boom error, ${LOST})`],
      "TypeError: boom error",
    ],
    [
      "/plain?on=message",
      "send",
      1006,
      [
        `durableObject /plain exception (${LOST})`,
        "stateless /plain responseStreamDisconnected ()",
      ],
      "TypeError: boom message",
    ],
    ...BOTH,
  ],
  "2026-09-15": [
    [
      "/server?on=message",
      "send",
      1006,
      [`stateless /server exception (TypeError: boom message, ${LOST})`],
      "TypeError: boom message",
    ],
    [
      "/server?on=close",
      "close",
      4000,
      ["stateless /server ok (TypeError: boom close)"],
      "TypeError: boom close",
    ],
    [
      "/plain?on=message",
      "send",
      1006,
      [
        `durableObject /plain exception (TypeError: boom message, ${LOST})`,
        "stateless /plain responseStreamDisconnected ()",
      ],
      "TypeError: boom message",
    ],
    ...BOTH,
  ],
};

for (const [date, cases] of Object.entries(CASES)) {
  test(`listeners that throw, at ${date}`, async () => {
    await using project = await tempProject({
      "a/wrangler.json": config("sockets", {
        compatibility_date: date,
        tail_consumers: [{ service: "consumer" }],
        durable_objects: {
          bindings: [
            { name: "PLAIN", class_name: "Plain" },
            { name: "SLEEPY", class_name: "Sleepy" },
          ],
        },
        migrations: [{ tag: "v1", new_sqlite_classes: ["Plain", "Sleepy"] }],
      }),
      "a/src/index.ts": SOCKETS,
      "b/wrangler.json": config("consumer"),
      "b/src/index.ts": CONSUMER,
    });
    await using dev = await runDev(["a/wrangler.json", "b/wrangler.json"], { cwd: project.dir });
    for (const one of cases) await play(dev, one);
  });
}

async function play(dev: RunningDev, [path, does, code, told, printed]: Case): Promise<void> {
  const from = dev.output.length;
  const socket = new WebSocket(dev.url.replace("http", "ws") + path);
  const closed = once(socket, "close");
  await once(socket, "open");
  if (does === "send") socket.send("x");
  else if (does === "close") socket.close(4000, "bye");
  else socket.terminate();
  if (code !== undefined) expect([path, (await closed)[0]]).toEqual([path, code]);
  const since = (): string => dev.output.slice(from);
  await eventually(() => {
    for (const line of told) expect(since(), path).toContain(`heard ${line}`);
    if (printed === undefined) return;
    expect(since()).toMatch(new RegExp(`Uncaught ${printed}\\n.*at .*index\\.ts:\\d+`));
  });
  if (printed !== undefined) expect(since().split(`Uncaught ${printed}`), path).toHaveLength(2);
  socket.terminate();
}
