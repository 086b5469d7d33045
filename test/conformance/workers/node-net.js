/*
 * What node:net, node:tls and node:dns do, told as lines: see tcp.js.
 */
import dns from "node:dns";
import net from "node:net";
import tls from "node:tls";
import { play, show, thrown } from "./scenes.js";

const EVENTS = "connectionAttempt lookup connect ready end error close finish timeout".split(" ");

/** Everything that happens to a socket until it is closed. */
const events = (socket) =>
  new Promise((resolve) => {
    const seen = [];
    for (const name of EVENTS) {
      socket.on(name, (...args) => {
        const shown = args.map((arg) =>
          arg instanceof Error ? errorOf(arg) : JSON.stringify(arg),
        );
        seen.push([name, ...shown].join(" "));
        if (name === "close") resolve(seen);
      });
    }
    socket.on("data", (data) => seen.push(`data ${data}`));
  });
const errorOf = (error) => {
  const { message, code, errno, syscall, address, port, hostname } = error;
  return JSON.stringify({ message, code, errno, syscall, address, port, hostname });
};
const answer = (call) =>
  new Promise((resolve) => {
    call((error, ...values) => resolve(error ? errorOf(error) : values));
  });

const SCENES = {
  async "an exchange"(say, { echo }) {
    const socket = net.connect({ host: "127.0.0.1", port: Number(echo) }, () => say("callback"));
    say(socket.pending, socket.connecting, socket.readyState, socket.remoteAddress);
    say(String(socket.ref()), String(socket.unref()));
    say(socket.setNoDelay() === socket, socket.setKeepAlive(true) === socket);
    socket.write("hi");
    socket.once("data", () => {
      const { bytesRead, bytesWritten, pending, connecting, readyState } = socket;
      say(bytesRead, bytesWritten, pending, connecting, readyState);
      const { remoteAddress, remotePort, remoteFamily, localAddress, localFamily } = socket;
      say(remoteAddress, remotePort, remoteFamily, localAddress, localFamily);
      socket.end("bye");
    });
    say(...(await events(socket)));
    say(socket.readyState, socket.destroyed, socket.pending);
  },
  async "nobody listens"(say, { closed }) {
    say(...(await events(net.connect(Number(closed), "127.0.0.1"))));
  },
  async "a host that does not exist"(say) {
    say(
      (await events(net.connect(9, "nope.invalid"))).filter((line) => !line.startsWith("lookup")),
    );
  },
  async "the peer ends"(say, { fin }) {
    say(...(await events(net.connect(Number(fin), "127.0.0.1"))));
  },
  async "the peer ends, half-open"(say, { fin }) {
    const socket = net.connect({ port: Number(fin), host: "127.0.0.1", allowHalfOpen: true });
    socket.on("end", () => {
      say(socket.readyState);
      socket.end("late");
    });
    say(...(await events(socket)));
  },
  async "a timeout"(say, { echo }) {
    const socket = net.connect(Number(echo), "127.0.0.1");
    say(socket.setTimeout(20) === socket, socket.timeout);
    socket.on("timeout", () => socket.destroy());
    say(...(await events(socket)));
  },
  async "an end by force"(say, { echo }) {
    const socket = net.connect(Number(echo), "127.0.0.1");
    socket.on("connect", () => socket.destroy(new Error("why")));
    say(...(await events(socket)));
    const { signal } = AbortSignal.timeout ? new AbortController() : {};
    say(signal.aborted);
  },
  async "what is refused"(say) {
    say(thrown(() => net.connect("/tmp/x.sock")));
    say(thrown(() => net.connect({ path: "/tmp/x.sock" })));
    say(thrown(() => new new net.Socket().constructor().connect({ path: "/tmp/x" })));
    say(thrown(() => new net.Socket({ fd: 1 })).message);
    say(thrown(() => net.connect(99_999)).code);
    say(thrown(() => net.connect({})));
    for (const options of [{ rejectUnauthorized: false }, { ALPNProtocols: ["x"] }]) {
      say(thrown(() => tls.connect({ port: 1, ...options })).message);
    }
    say(thrown(() => tls.createServer()).message, thrown(() => tls.getCiphers()).message);
    say(thrown(() => new tls.TLSSocket().getPeerCertificate()).message);
  },
  async addresses(say) {
    say(net.isIP("1.2.3.4"), net.isIP("::1"), net.isIP("x"), net.getDefaultAutoSelectFamily());
    const list = new net.BlockList();
    list.addSubnet("10.0.0.0", 8);
    say(list.check("10.1.1.1"), list.check("11.1.1.1"));
    say(new net.SocketAddress({ address: "1.2.3.4", port: 5 }).address);
  },
  async names(say) {
    say(await answer((done) => dns.lookup("127.0.0.1", done)));
    say(await answer((done) => dns.lookup("", done)));
    say(await answer((done) => dns.lookup("::1", { all: true }, done)));
    say(await answer((done) => dns.lookup("nope.invalid", done)));
    say(dns.getServers(), dns.getDefaultResultOrder(), dns.NOTFOUND);
    say(
      thrown(() => dns.setServers([])).message,
      thrown(() => dns.lookup("x", { hints: 1 })).message,
    );
    say(thrown(() => dns.lookup("x")).code, typeof new dns.Resolver().resolve4);
  },
};

const moduleScope = net.connect(1, "127.0.0.1");
const early = new Promise((resolve) => moduleScope.on("error", resolve));

export default {
  async fetch(request) {
    const ports = Object.fromEntries(new URL(request.url).searchParams);
    const lines = await play(SCENES, ports);
    return Response.json({ "at module scope": [show(await early)], ...lines });
  },
};
