import { attempt, steps } from "./tools.js";

/** A client of an object's WebSocket: what it sends, and what it hears, one by one. */
async function dial(stub) {
  const { webSocket } = await stub.fetch("http://x/", { headers: { upgrade: "websocket" } });
  const heard = [];
  const waiting = [];
  const hear = (what) => {
    const wake = waiting.shift();
    if (wake === undefined) heard.push(what);
    else wake(what);
  };
  webSocket.accept();
  webSocket.addEventListener("message", ({ data }) => hear(data));
  webSocket.addEventListener("close", ({ code, reason }) => hear(`closed ${code} ${reason}`));
  const next = () => heard.shift() ?? new Promise((wake) => waiting.push(wake));
  const ask = (data) => {
    webSocket.send(data);
    return next();
  };
  return { webSocket, next, ask };
}

/** What comes of a connection on which something is said. */
async function converse(socket) {
  const writer = socket.writable.getWriter();
  return {
    opened: await attempt(() => socket.opened),
    written: await attempt(() => writer.write(new TextEncoder().encode("hello"))),
    read: await attempt(() => new Response(socket.readable).text()),
    closed: await attempt(() => socket.closed),
  };
}

/** Probes of the caller: ids, namespaces, stubs, errors, order. */
export const outside = {
  ids({ SQL, LEGACY }) {
    const id = SQL.idFromName("alpha");
    return steps([
      () => [id.toString(), id.name, JSON.stringify(id), `${id}`, String(id.jurisdiction)],
      () => SQL.idFromName("").toString(),
      () => SQL.idFromName("é😀").toString(),
      () => LEGACY.idFromName("alpha").toString(),
      () => SQL.idFromString(id.toString()).equals(id),
      () => String(SQL.idFromString(id.toString()).name),
      () => SQL.idFromString(id.toString().toUpperCase()).toString() === id.toString(),
      () => id.equals(SQL.newUniqueId()),
      () => id.equals("x"),
      () => SQL.idFromString("zz"),
      () => SQL.idFromString("00".repeat(32)),
      () => SQL.idFromString(LEGACY.idFromName("alpha").toString()),
      () => SQL.idFromName(),
      () => SQL.idFromName(5).toString() === SQL.idFromName("5").toString(),
      () => SQL.idFromString(),
      () => SQL.get(),
      () => SQL.get("hex"),
      () => SQL.getByName(),
      () => SQL.get(id, { routingMode: "x" }),
      () => SQL.jurisdiction() !== undefined,
      () => Object.getOwnPropertyNames(Object.getPrototypeOf(SQL)).sort(),
      () => String(SQL),
    ]);
  },
  stubs({ SQL }) {
    const id = SQL.idFromName("stub");
    const stub = SQL.get(id);
    return steps([
      () => Object.keys(stub),
      () => [stub.name, stub.id === id, String(stub)],
      () => stub.run("surface").then((surface) => surface.id),
      () => {
        stub.name = "other";
      },
      () => stub.fetch("http://x/path", { method: "PUT" }).then((r) => [r.status, r.statusText]),
      () => stub.fetch("http://x/").then((r) => r.text()),
      () => stub.fetch("http://x/throw"),
      () => stub.missing(),
      () => stub.boom(),
      () => stub.target().read(),
      () => stub.adder(2).then((add) => add(3)),
      () => stub.adder(2)(5),
      () =>
        SQL.get(SQL.newUniqueId())
          .run("surface")
          .then((surface) => surface.id),
      () => SQL.getByName("x".repeat(1025)).name.length,
    ]);
  },
  noRpc({ PLAIN }) {
    const stub = PLAIN.getByName("p");
    return steps([() => stub.anything(), () => stub.fetch("http://x/").then((r) => r.text())]);
  },
  async parallel({ SQL }, name) {
    const stub = SQL.getByName(name);
    const counts = await Promise.all(Array.from({ length: 30 }, () => stub.increment()));
    return counts;
  },
  resets({ SQL }, name) {
    const a = SQL.getByName(`${name}-a`);
    const b = SQL.getByName(`${name}-b`);
    const c = SQL.getByName(`bad-constructor-${name}`);
    const d = SQL.getByName(`bad-section-${name}`);
    return steps([
      () => a.putAndThrow(),
      () => a.read(),
      () => a.made(),
      () => a.putAndAbort(),
      () => a.read(),
      () => SQL.getByName(`${name}-a`).read(),
      () => SQL.getByName(`${name}-a`).made(),
      () => b.putAndAbort("a reason"),
      () => SQL.getByName(`${name}-b`).putAndAbort(5),
      () =>
        SQL.getByName(`${name}-b`)
          .read()
          .then((value) => String(value)),
      () => c.made(),
      () => c.made(),
      () => SQL.getByName(`bad-constructor-${name}`).made(),
      () => d.made(),
      () => SQL.getByName(`bad-section-${name}`).made(),
    ]);
  },
  async order({ SQL }, name) {
    const stub = SQL.getByName(`slow-${name}`);
    await Promise.all(["a", "b", "c"].map((event) => stub.log(event)));
    const first = await stub.log("d");
    const other = SQL.getByName(`${name}-gates`);
    await Promise.all([
      other.section("s1"),
      other.log("between"),
      other.section("s2"),
      other.log("after"),
    ]);
    return [first, await other.log("end")];
  },
  async reentry({ SQL }, name) {
    const stub = SQL.getByName(name);
    const answer = await stub.section("s", async (section) => `called back in ${section}`);
    return [answer, await stub.log("end")];
  },
  connect({ ROOM, SQL }) {
    const stub = ROOM.getByName("a");
    return steps([
      () => stub.connect(),
      () => stub.connect("x"),
      () => stub.connect(5),
      () => converse(stub.connect("host:123")),
      () => converse(stub.connect({ hostname: "h", port: 5 })),
      // A class without a handler.
      () => SQL.getByName("a").connect("host:123").opened,
      () => SQL.getByName("a").connect("host:123").closed,
    ]);
  },
  async webSockets({ ROOM }, name) {
    const stub = ROOM.getByName(name);
    const client = await dial(stub);
    return steps([
      () => client.ask("hello"),
      () => client.ask(new Uint8Array([1, 2])),
      () => stub.pair(),
      () => stub.times(),
      () => client.ask("ping"),
      async () => {
        const before = Date.now();
        await scheduler.wait(2);
        const pong = await client.ask("ping");
        const [first] = await stub.times("a");
        await scheduler.wait(2);
        await client.ask("ping");
        const [second] = await stub.times("a");
        const isDate = first instanceof Date;
        return [pong, isDate, first > before, second > first, second <= Date.now()];
      },
      // Bytes never match, nor does a part.
      () => client.ask(new TextEncoder().encode("ping")),
      () => client.ask("ping "),
      () => stub.unset(),
      () => stub.pair(),
      () => stub.times().then(([time]) => time instanceof Date),
      () => client.ask("ping"),
      () => client.ask("close"),
      () => stub.said(),
      () => stub.times(),
    ]);
  },
  async webSocketCloses({ ROOM }, name) {
    const stub = ROOM.getByName(name);
    const client = await dial(stub);
    client.webSocket.close(4005, "x");
    return [await client.next(), await stub.said()];
  },
};
