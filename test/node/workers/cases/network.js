/* Network modules without a network: refusals, options, addresses (spec/node.md 8). */
import dns from "node:dns";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import net from "node:net";
import tls from "node:tls";
import { thrown } from "../shown.js";

const all = (holder, names, ...args) =>
  Promise.all(
    names.split(" ").map(async (name) => [name, await thrown(() => holder[name](...args))]),
  );

/** What an emitter says until it closes. */
const story = (emitter, ...names) =>
  new Promise((resolve) => {
    const heard = [];
    for (const name of names) {
      emitter.on(name, (value) => {
        heard.push(name === "error" ? [name, value] : [name, typeof value]);
        if (name === "close") resolve(heard);
      });
    }
  });

export const cases = {
  "http2 refusals": async () => [
    await all(http2, "connect createServer createSecureServer performServerHandshake"),
    await thrown(() => http2.connect("https://a.test", {}, () => {})),
    await thrown(() => new http2.Http2ServerRequest()),
    await thrown(() => new http2.Http2ServerResponse()),
  ],
  "http2 settings": async () => {
    const settings = http2.getDefaultSettings();
    const inherited = {};
    for (const key in settings) inherited[key] = settings[key];
    return [
      Object.keys(settings),
      inherited,
      http2.getPackedSettings(),
      await thrown(() => http2.getPackedSettings({ headerTableSize: 100 })),
      await thrown(() => http2.getPackedSettings({ headerTableSize: -1 })),
      http2.getUnpackedSettings(Buffer.from("000200000001", "hex")),
      await thrown(() => http2.getUnpackedSettings(5)),
      String(http2.sensitiveHeaders),
    ];
  },
  "http2 constants": () => [
    Object.keys(http2.constants).length,
    Object.isFrozen(http2.constants),
    Object.getPrototypeOf(http2.constants) === null,
    http2.constants.HTTP2_HEADER_PATH,
    http2.constants.NGHTTP2_CANCEL,
    http2.constants.HTTP_STATUS_TEAPOT,
    Object.entries(http2.constants).sort(),
  ],
  "http2 classes": () => {
    class Request extends http2.Http2ServerRequest {}
    class Response extends http2.Http2ServerResponse {}
    return [Request.name, Response.name, typeof Request.prototype.on, http2.connect.length];
  },
  "net addresses": () => [
    net.isIP("1.2.3.4"),
    net.isIP("::1"),
    net.isIP("x"),
    net.isIPv4("1.2.3.4"),
    net.isIPv6("1.2.3.4"),
    new net.SocketAddress({ address: "1.2.3.4", port: 5 }).family,
    (() => {
      const list = new net.BlockList();
      list.addRange("10.0.0.1", "10.0.0.9");
      return [list.check("10.0.0.5"), list.check("10.0.0.10"), list.rules];
    })(),
    net.getDefaultAutoSelectFamily(),
    net.getDefaultAutoSelectFamilyAttemptTimeout(),
  ],
  "net refusals": async () => [
    await thrown(() => net.connect({ path: "/tmp/x.sock" })),
    await thrown(() => net.connect("/tmp/x.sock")),
    await thrown(() => new net.Socket().connect({ path: "/tmp/x.sock" })),
    await thrown(() => new net.Socket({ fd: 3 })),
    await thrown(() => new net.Socket({ objectMode: true })),
    await thrown(() => net.connect(99999)),
    await thrown(() => net.connect({})),
    await thrown(() => net.connect()),
    await thrown(() => net.setDefaultAutoSelectFamily(true)),
    await thrown(() => net.setDefaultAutoSelectFamily(false)),
    await thrown(() => net.connect({ port: "x" })),
  ],
  "the class of a socket": async () => {
    const socket = new net.Socket();
    const Class = socket.constructor;
    const found = [
      Class.name,
      socket.ref(),
      socket.unref(),
      socket.setNoDelay() === socket,
      socket.setKeepAlive() === socket,
      socket.readyState,
      socket.pending,
      socket.connecting,
      socket.bytesRead,
      socket.bytesWritten,
      socket.address(),
      socket.timeout,
      await thrown(() => new Class().connect({ path: "/tmp/x.sock" })),
    ];
    socket.destroy();
    return found;
  },
  "a port where nobody listens": async () => {
    const socket = net.connect(1, "127.0.0.1");
    return await story(socket, "connectionAttempt", "connect", "error", "close");
  },
  "a server of net": async () => {
    const server = net.createServer();
    const heard = story(server, "listening", "error", "close");
    server.listen(4600);
    const address = server.address();
    const second = net.createServer();
    const conflict = new Promise((resolve) => second.on("error", resolve));
    second.listen(4600);
    const error = await conflict;
    server.close();
    return [address, server.listening, error, await heard];
  },
  "tls refusals": async () => [
    await all(tls, "createServer getCiphers"),
    await thrown(() => new tls.Server()),
    await all(
      new tls.TLSSocket(new net.Socket()),
      "getPeerCertificate getCipher getProtocol getSession getFinished isSessionReused renegotiate getTLSTicket exportKeyingMaterial",
    ),
    tls.rootCertificates,
    tls.DEFAULT_CIPHERS,
    tls.DEFAULT_MIN_VERSION,
    tls.DEFAULT_MAX_VERSION,
    tls.DEFAULT_ECDH_CURVE,
    await thrown(() => tls.checkServerIdentity("a.test", { subject: { CN: "a.test" } })),
    tls.checkServerIdentity("a.test", { subject: { CN: "b.test" } }),
    await thrown(() => tls.createSecurePair()),
  ],
  "tls options": async () => {
    const tried = {
      rejectUnauthorized: false,
      checkServerIdentity: () => {},
      ALPNProtocols: ["h2"],
      requestCert: true,
      isServer: true,
      server: {},
      SNICallback: () => {},
      requestOCSP: true,
      pskCallback: () => {},
      enableTrace: true,
      minDHSize: 1,
    };
    const found = [];
    for (const [name, value] of Object.entries(tried)) {
      found.push(
        await thrown(() => {
          const socket = tls.connect({ host: "127.0.0.1", port: 1, [name]: value });
          socket.on("error", () => {});
        }),
      );
    }
    return found;
  },
  "options of a TLS socket": async () => {
    const found = [];
    for (const name of "requestCert isServer server SNICallback requestOCSP rejectUnauthorized ALPNProtocols checkServerIdentity pskCallback enableTrace minDHSize".split(
      " ",
    )) {
      found.push(await thrown(() => new tls.TLSSocket(new net.Socket(), { [name]: true })));
    }
    return found;
  },
  "dns settings": async () => [
    dns.getServers(),
    dns.getDefaultResultOrder(),
    await thrown(() => dns.setServers(["1.1.1.1"])),
    await thrown(() => new dns.Resolver()),
    await thrown(() => new dns.promises.Resolver()),
    await thrown(() => dns.lookupService("127.0.0.1", 80, () => {})),
    await thrown(() => dns.resolveAny("a.test", () => {})),
    await thrown(() => dns.resolve("a.test")),
    await thrown(() => dns.resolve4(5, () => {})),
    await thrown(() => dns.lookup("a.test")),
    await thrown(() => dns.lookup("a.test", { family: 7 }, () => {})),
    await thrown(() => dns.lookup("a.test", { hints: 1 }, () => {})),
    await thrown(() => dns.setDefaultResultOrder("x")),
    dns.setDefaultResultOrder("ipv4first"),
    dns.getDefaultResultOrder(),
    dns.setDefaultResultOrder("verbatim"),
  ],
  "dns literals": async () => {
    const lookup = (...args) =>
      new Promise((resolve) => dns.lookup(...args, (...found) => resolve(found)));
    return [
      await lookup("127.0.0.1"),
      await lookup("::1"),
      await lookup("127.0.0.1", { all: true }),
      await lookup(""),
      await dns.promises.lookup("1.2.3.4"),
      await dns.promises.lookup("1.2.3.4", { all: true }),
    ];
  },
  "http client refusals": async () => [
    await thrown(() => http.request("https://a.test/")),
    await thrown(() => https.request("http://a.test/")),
    await thrown(() => http.request({ path: "//evil/" })),
    await thrown(() => http.request({ path: "http://evil/" })),
    await thrown(() => http.request({ path: "/a b" })),
    await thrown(() => http.request("nonsense")),
    await thrown(() => http.request({ createConnection: () => {} })),
    await thrown(() => http.request({ lookup: () => {} })),
    await thrown(() => http.request({ socketPath: "/x" })),
    await thrown(() => http.request({ maxHeaderSize: 1 })),
    await thrown(() => http.request({ method: "A B" })),
    await thrown(() => http.request({ method: 5 })),
    await thrown(() => http.request({ headers: { "a b": "c" } })),
    await thrown(() => http.request({ headers: { a: "\u0000" } })),
    await thrown(() => http.request({ headers: { a: undefined } })),
    await thrown(() => new http.Agent().createConnection()),
    await thrown(() => new http.OutgoingMessage().addTrailers({})),
  ],
  agents: () => [
    { ...http.globalAgent.options },
    http.globalAgent.keepAlive,
    http.globalAgent.maxSockets,
    http.globalAgent.maxFreeSockets,
    http.globalAgent.maxTotalSockets,
    http.globalAgent.defaultPort,
    http.globalAgent.protocol,
    https.globalAgent.defaultPort,
    https.globalAgent.protocol,
    new http.Agent({ keepAlive: true }).keepAlive,
    new https.Agent({ rejectUnauthorized: false }).options.rejectUnauthorized,
    new http.Agent() instanceof http.Agent,
    new https.Agent() instanceof http.Agent,
    typeof new http.Agent().destroy,
    new http.Agent().requests,
    new http.Agent().sockets,
    new http.Agent().freeSockets,
    http.maxHeaderSize,
    http.METHODS,
    Object.keys(http.STATUS_CODES).length,
    http.WebSocket === WebSocket,
  ],
  "a request that is destroyed": async () => {
    const request = http.request({ host: "127.0.0.1", port: 1 });
    const heard = story(request, "abort", "response", "error", "close");
    request.destroy();
    return [await heard, request.destroyed, request.aborted];
  },
  "a request that is aborted": async () => {
    const request = http.request({ host: "127.0.0.1", port: 1 });
    const heard = story(request, "abort", "response", "error", "close");
    request.abort();
    return [await heard, request.destroyed, request.aborted];
  },
  "a request with a signal": async () => {
    const controller = new AbortController();
    const request = http.request({ host: "127.0.0.1", port: 1, signal: controller.signal });
    const heard = story(request, "response", "error", "close");
    controller.abort();
    return await heard;
  },
  "headers of a request": async () => {
    const request = http.request({
      host: "127.0.0.1",
      port: 1,
      path: "/x?y=1",
      headers: { A: "1", "Set-Cookie": ["a", "b"] },
    });
    request.on("error", () => {});
    request.setHeader("B", "2");
    const found = [
      request.getHeader("a"),
      request.getHeader("set-cookie"),
      request.getHeaderNames(),
      request.getRawHeaderNames?.(),
      request.hasHeader("b"),
      (request.removeHeader("b"), request.hasHeader("b")),
      request.method,
      request.path,
      request.host,
      request.protocol,
      request.socket,
      request.reusedSocket,
      request.maxHeadersCount,
      await thrown(() => request.setHeader("a b", "c")),
      await thrown(() => request.setHeader("a")),
      await thrown(() => request.setHeader("a", "\n")),
    ];
    request.destroy();
    return found;
  },
};
