/** Opens WebSockets to a server outside and to others, and answers before they are over. Run at two dates. */
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";

const seen = [];
const opened = (socket) => new Promise((resolve) => socket.addEventListener("open", resolve));

/** What listeners do long after the answer. */
function listen(socket, server, name, ctx) {
  const say = (text) => socket.send(text);
  const at = (path) => `http://${server}/${path}?name=${name}`;
  const work = async (what) => {
    if (what === "work") {
      const text = await (await fetch(at("plain"))).text();
      await scheduler.wait(10);
      ctx.waitUntil(scheduler.wait(10).then(() => say("waited")));
      say(`worked ${text}`);
    } else if (what === "tick") {
      let count = 0;
      const timer = setInterval(() => {
        say(`tick ${++count}`);
        if (count === 2) clearInterval(timer);
      }, 10);
    } else if (what === "close") socket.close(4001, "told to");
    else say(what);
  };
  socket.addEventListener("message", ({ data }) => {
    if (data === "throw") throw new RangeError("told to");
    return work(data);
  });
  socket.addEventListener("close", ({ code, reason, wasClean }) => {
    seen.push(`${name}: close ${code} ${reason} ${wasClean} in state ${socket.readyState}`);
    ctx.waitUntil(
      (async () => {
        await scheduler.wait(10);
        await fetch(at("last"));
      })(),
    );
  });
  socket.addEventListener("error", ({ message }) => seen.push(`${name}: ${message}`));
}

async function dial(server, name, ctx) {
  const socket = new WebSocket(`ws://${server}/${name}`);
  listen(socket, server, name, ctx);
  await opened(socket);
}

async function upgrade(stub, url, server, name, ctx) {
  const { webSocket } = await stub.fetch(url, { headers: { Upgrade: "websocket" } });
  listen(webSocket, server, name, ctx);
  webSocket.accept();
}

/** Asks the server what to do with the other end of what it opens. */
async function bridge(server, name) {
  const [client, socket] = Object.values(new WebSocketPair());
  socket.accept();
  const outside = new WebSocket(`ws://${server}/${name}`);
  outside.addEventListener("message", ({ data }) => {
    if (data === "bye") socket.close(4000, "bye");
    else socket.send(data);
  });
  socket.addEventListener("message", ({ data }) => outside.send(data));
  socket.addEventListener("close", ({ code }) => {
    outside.send(`closed ${code}`);
    outside.close();
  });
  await opened(outside);
  return new Response(null, { status: 101, webSocket: client });
}

const scenes = {
  dialled: ({ server, name, ctx }) => dial(server, name, ctx),
  fetched: ({ server, name, ctx }) =>
    upgrade({ fetch: (...args) => fetch(...args) }, `http://${server}/${name}`, server, name, ctx),
  unaccepted: ({ server, name }) =>
    fetch(`http://${server}/${name}`, { headers: { Upgrade: "websocket" } }),
  connecting: ({ server, name, ctx }) => void dial(server, name, ctx),
  "connecting, with waitUntil": ({ server, name, ctx }) => ctx.waitUntil(dial(server, name, ctx)),
  "in waitUntil": ({ server, name, ctx }) =>
    ctx.waitUntil(scheduler.wait(10).then(() => dial(server, name, ctx))),
  throws: async ({ server, name, ctx }) => {
    await dial(server, name, ctx);
    throw new Error("after all");
  },
  "listener throws": ({ server, name, ctx }) => dial(server, name, ctx),
  "closed here": ({ server, name, ctx }) => dial(server, name, ctx),
  cut: ({ server, name, ctx }) => dial(server, name, ctx),
  rpc: ({ server, name, own }) => own.dial(server, name),
  "rpc throws": ({ server, name, own }) => own.throws(server, name).catch(() => {}),
  "another Worker's": ({ server, name, ctx, env }) =>
    upgrade(env.SELF, `http://x/bridge?server=${server}&name=${name}`, server, name, ctx),
  "an object's": ({ server, name, ctx, env }) =>
    upgrade(
      env.OBJECT.getByName(name),
      `http://x/?server=${server}&name=${name}`,
      server,
      name,
      ctx,
    ),
};

export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname.startsWith("/older/")) return env.OLDER.fetch(request.url.replace("/older", ""));
    const [server, name] = ["server", "name"].map((key) => searchParams.get(key));
    if (pathname === "/seen")
      return Response.json(seen.filter((line) => line.startsWith(`${name}: `)));
    if (pathname === "/bridge") return bridge(server, name);
    await scenes[decodeURIComponent(pathname.slice(1))]({ server, name, ctx, env, own: env.OWN });
    return new Response("answered");
  },
  async scheduled({ cron }, _env, ctx) {
    const [server, name] = cron.split(" ");
    await dial(server, name, ctx);
  },
};

export class Own extends WorkerEntrypoint {
  async dial(server, name) {
    await dial(server, name, this.ctx);
  }
  async throws(server, name) {
    await dial(server, name, this.ctx);
    throw new Error("after all");
  }
}

export class Bridge extends DurableObject {
  fetch(request) {
    const { searchParams } = new URL(request.url);
    return bridge(searchParams.get("server"), searchParams.get("name"));
  }
}
