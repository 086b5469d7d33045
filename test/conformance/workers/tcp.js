/*
 * What `cloudflare:sockets` does, told as lines: `/?echo=PORT&fin=PORT&reset=PORT&closed=PORT`. The
 * real runtime's answers are recorded (test/parity/sockets.js), drover's are compared with them
 * (test/integration/runtime/sockets.test.ts).
 */
import { connect } from "cloudflare:sockets";
import { play, settled, show, thrown } from "./scenes.js";

const text = (result) => (result.done ? "(done)" : new TextDecoder().decode(result.value));

const SCENES = {
  async "an exchange"(say, { echo }) {
    const socket = connect(`127.0.0.1:${echo}`);
    const { secureTransport, upgraded } = socket;
    say(Object.keys(socket), String(socket), secureTransport, upgraded);
    say(Object.getOwnPropertyNames(Object.getPrototypeOf(socket)));
    say(await settled(socket.opened), Object.keys(await socket.opened));
    const writer = socket.writable.getWriter();
    say(writer.desiredSize, await settled(writer.write("hi")));
    const reader = socket.readable.getReader();
    say(text(await reader.read()));
    say(await settled(socket.close()), await settled(socket.closed));
    say(await settled(writer.write("x")), await settled(reader.read()));
    say(await settled(writer.closed), await settled(reader.closed));
    say(await settled(writer.close()), await settled(socket.close()));
  },
  async "buffers of its own to read into, and what cannot be written"(say, { echo }) {
    const socket = connect({ hostname: "127.0.0.1", port: Number(echo) }, { allowHalfOpen: true });
    const writer = socket.writable.getWriter();
    await writer.write(new Uint8Array([1, 2, 3]));
    const reader = socket.readable.getReader({ mode: "byob" });
    say(await settled(reader.read(new Uint8Array(10))));
    say(await settled(writer.write({})), await settled(writer.write(5)));
  },
  async "a close while a read waits"(say, { echo }) {
    const socket = connect(`127.0.0.1:${echo}`);
    await socket.opened;
    const reader = socket.readable.getReader();
    const read = reader.read();
    const close = socket.close();
    say(await settled(read), await settled(close), await settled(socket.closed));
    say(await settled(reader.read()));
  },
  async "a write while it closes"(say, { echo }) {
    const socket = connect(`127.0.0.1:${echo}`);
    await socket.opened;
    const writer = socket.writable.getWriter();
    const close = socket.close();
    say(await settled(writer.write("x")), await settled(close));
  },
  async "a close before it is open"(say, { echo }) {
    const socket = connect(`127.0.0.1:${echo}`);
    say(await settled(socket.close()), await settled(socket.opened), await settled(socket.closed));
  },
  async "nobody listens"(say, { closed }) {
    const socket = connect(`127.0.0.1:${closed}`);
    const writer = socket.writable.getWriter();
    const reader = socket.readable.getReader();
    const [write, read] = [writer.write("x"), reader.read()];
    say(await settled(socket.opened), await settled(socket.closed));
    say(await settled(write), await settled(read));
    say(await settled(writer.write("y")), await settled(reader.read()));
    say(await settled(socket.close()), await settled(writer.closed));
  },
  async "nobody listens: who hears of it first"(say, { closed }) {
    const socket = connect(`127.0.0.1:${closed}`);
    const writer = socket.writable.getWriter();
    const reader = socket.readable.getReader();
    const told = [];
    const waits = {
      opened: socket.opened,
      read: reader.read(),
      write: writer.write("x"),
      readClosed: reader.closed,
      closed: socket.closed,
    };
    const hear = (name) => () => void told.push(name);
    await Promise.all(
      Object.entries(waits).map(([name, wait]) => wait.then(hear(name), hear(name))),
    );
    say(...told);
  },
  async "nobody listens, closed twice"(say, { closed }) {
    const socket = connect(`127.0.0.1:${closed}`);
    await settled(socket.closed);
    say(await settled(socket.close()), await settled(socket.close()), await settled(socket.closed));
    const early = connect(`127.0.0.1:${closed}`);
    say(await settled(early.close()), await settled(early.close()), await settled(early.close()));
  },
  async "a host that does not exist"(say) {
    say(await settled(connect("nope.invalid:99").opened));
  },
  async "a port of HTTP"(say) {
    say(await settled(connect("nope.invalid:443").opened));
  },
  async "the peer ends"(say, { fin }) {
    const socket = connect(`127.0.0.1:${fin}`);
    const reader = socket.readable.getReader();
    say(text(await reader.read()), await settled(socket.closed));
    say(await settled(reader.read()), await settled(socket.closed));
    say(await settled(socket.writable.getWriter().write("late")));
  },
  async "the peer ends, then the writer closes"(say, { fin }) {
    const socket = connect(`127.0.0.1:${fin}`);
    const reader = socket.readable.getReader();
    say(text(await reader.read()), await settled(reader.read()));
    const writer = socket.writable.getWriter();
    say(await settled(writer.close()), await settled(socket.closed));
    say(await settled(writer.write("late")), await settled(socket.close()));
  },
  async "the peer ends, half-open"(say, { fin }) {
    const socket = connect(`127.0.0.1:${fin}`, { allowHalfOpen: true });
    const reader = socket.readable.getReader();
    say(text(await reader.read()), await settled(reader.read()), await settled(socket.closed));
    const writer = socket.writable.getWriter();
    say(await settled(writer.write("late")), await settled(writer.close()));
    say(await settled(socket.closed));
  },
  async "the end of what the peer sends, unread"(say, { fin }) {
    const socket = connect(`127.0.0.1:${fin}`);
    await socket.opened;
    say(await settled(socket.closed), await settled(socket.writable.getWriter().write("z")));
    say(await settled(socket.close()));
  },
  async "the writer closes"(say, { echo }) {
    const socket = connect(`127.0.0.1:${echo}`);
    const writer = socket.writable.getWriter();
    await writer.write("abc");
    say(await settled(writer.close()), await settled(socket.closed));
    const reader = socket.readable.getReader();
    say(text(await reader.read()), await settled(reader.read()), await settled(socket.closed));
  },
  async "the peer resets"(say, { reset }) {
    const socket = connect(`127.0.0.1:${reset}`);
    const writer = socket.writable.getWriter();
    const reader = socket.readable.getReader();
    await writer.write("abc");
    say(await settled(reader.read()), await settled(socket.closed));
    say(await settled(writer.write("x")), await settled(writer.write("x")));
  },
  async "cancel and abort"(say, { echo }) {
    const socket = connect(`127.0.0.1:${echo}`);
    say(await settled(socket.readable.cancel("why")), await settled(socket.closed));
    say(await settled(socket.writable.getWriter().write("x")));
    const other = connect(`127.0.0.1:${echo}`);
    await other.opened;
    say(await settled(other.writable.getWriter().abort(new Error("why"))));
    say(await settled(other.closed), await settled(other.readable.getReader().read()));
  },
  async "two reads"(say, { echo }) {
    const reader = connect(`127.0.0.1:${echo}`).readable.getReader();
    reader.read().catch(() => {});
    say(await settled(reader.read()));
  },
  async addresses(say, { closed }) {
    const long = "x".repeat(256);
    for (const address of [
      ...["127.0.0.1", "foo", "", ":80", "127.0.0.1:99999", "127.0.0.1:x", "a b:80", `${long}:80`],
      ...[`[::1]:${closed}`, "http://x:80", "user@h:80", "h:80/path", undefined, 5, null, {}, []],
      ...[{ hostname: "nope.invalid" }, { hostname: "nope.invalid", port: -1 }],
      ...[
        { hostname: "nope.invalid", port: 70_000 },
        { hostname: "nope.invalid", port: "1" },
      ],
    ]) {
      say(
        `${JSON.stringify(address)}`.slice(0, 50),
        thrown(() => connect(address).secureTransport),
      );
    }
  },
  async options(say, { echo }) {
    const every = [{ secureTransport: "x" }, { secureTransport: undefined }, 5, "s", null];
    for (const options of [...every, { highWaterMark: -1 }, { highWaterMark: "3" }, { other: 1 }]) {
      const open = () => {
        const socket = connect(`127.0.0.1:${echo}`, options);
        socket.close();
        return socket.secureTransport;
      };
      say(JSON.stringify(options), thrown(open));
    }
    say(connect.name, connect.length);
  },
  async "startTls where it cannot be"(say, { echo }) {
    say(thrown(() => connect(`127.0.0.1:${echo}`).startTls()));
    const secure = connect(`127.0.0.1:${echo}`, { secureTransport: "on" });
    say(thrown(() => secure.startTls()));
    const closing = connect(`127.0.0.1:${echo}`, { secureTransport: "starttls" });
    await closing.close();
    say(thrown(() => closing.startTls()));
    const early = connect(`127.0.0.1:${echo}`, { secureTransport: "starttls" });
    early.startTls();
    say(thrown(() => early.startTls()));
  },
  async "startTls with a peer that knows no TLS"(say, { echo }) {
    const plain = connect(`127.0.0.1:${echo}`, { secureTransport: "starttls" });
    await plain.opened;
    const secure = plain.startTls({ expectedServerHostname: "x" });
    say(secure.secureTransport, secure.upgraded, plain.secureTransport);
    say(
      await settled(plain.closed),
      thrown(() => plain.startTls()),
      thrown(() => secure.startTls()),
    );
    say(await settled(secure.opened), await settled(secure.closed));
    say(
      thrown(() => plain.readable.getReader()),
      thrown(() => plain.writable.getWriter()),
    );
  },
  async "no constructor"(say, { echo }) {
    const { constructor: Socket } = connect(`127.0.0.1:${echo}`);
    say(
      Socket.name,
      thrown(() => new Socket()),
      thrown(() => Socket.prototype.close.call({})),
    );
  },
};

const moduleScope = thrown(() => connect("127.0.0.1:1"));

let kept;

/** A socket of one request in another one. */
async function foreign(request, { echo }) {
  if (new URL(request.url).pathname === "/keep") {
    kept = connect(`127.0.0.1:${echo}`);
    await kept.opened;
    return new Response("kept");
  }
  const lines = [
    await settled((async () => kept.writable.getWriter().write("x"))()),
    await settled((async () => kept.readable.getReader().read())()),
  ];
  return Response.json(lines.map(show));
}

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const ports = Object.fromEntries(searchParams);
    if (pathname === "/keep" || pathname === "/use") return await foreign(request, ports);
    const lines = { "at module scope": [show(moduleScope)], ...(await play(SCENES, ports)) };
    return Response.json(lines);
  },
};
