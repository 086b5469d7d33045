/*
 * What node:http and `cloudflare:node` do, told as lines: see tcp.js. `http` is the port of a server.
 */
import { handleAsNodeRequest, httpServerHandler } from "cloudflare:node";
import http from "node:http";
import https from "node:https";
import { play, settled, thrown } from "./scenes.js";

/** The answer of a server whose listener is `listener`. */
const ask = async (listener, init = {}, path = "/path?a=1") => {
  const server = http.createServer(listener);
  server.listen(0);
  try {
    const request = new Request(`http://host.test${path}`, init);
    const response = await handleAsNodeRequest(server.address().port, request, { VAR: 1 }, {});
    // Production shows how the answer would be framed; drover frames it when it is sent.
    const headers = [...response.headers]
      .filter(([name]) => name !== "connection" && name !== "transfer-encoding")
      .map(([name, value]) => `${name}: ${value}`);
    const text = await response.text().catch((error) => error);
    // Events of the answer come before it or after, as fast as it is read.
    await new Promise((resolve) => setTimeout(resolve, 20));
    return [response.status, response.statusText, headers, text];
  } catch (error) {
    return [error];
  } finally {
    server.close();
  }
};
const message = (fn) => {
  const error = thrown(fn);
  const kind = [TypeError, RangeError, Error].find((cls) => error instanceof cls);
  return `${kind?.name} ${error?.code} ${error?.message}`;
};
/** Everything that happens to a request of the client. */
const events = (request) =>
  new Promise((resolve) => {
    const seen = [];
    for (const name of ["socket", "finish", "response", "abort", "timeout", "error", "close"]) {
      request.on(name, (value) => {
        seen.push(value instanceof Error ? `error ${value.code} ${value.message}` : name);
        if (name === "close") resolve(seen);
      });
    }
  });
const body = async (stream) => {
  let text = "";
  for await (const chunk of stream) text += chunk;
  return text;
};
const get = (options) => new Promise((resolve) => http.get(options, resolve));

const SERVER = {
  async "a request as a server sees it"(say) {
    const init = { method: "POST", body: "text", headers: { "X-A": "b", cookie: "c=1" } };
    const listener = async (req, res) => {
      say(req.method, req.url, req.httpVersion, req.headers["x-a"], req.headers.cookie);
      say(req.headersDistinct["x-a"], req.complete, req.statusCode, req.constructor.name);
      say(req.cloudflare.env, Object.keys(req.cloudflare), req.socket === req.connection);
      const { encrypted, remoteAddress, remoteFamily, localAddress } = req.socket;
      say(encrypted, remoteAddress, remoteFamily, typeof localAddress, typeof req.socket.write);
      say(await body(req), req.complete);
      res.end("answer");
    };
    say(...(await ask(listener, init)));
  },
  async "an answer"(say) {
    const listener = (_req, res) => {
      say(res.statusCode, res.statusMessage, res.sendDate, res.headersSent, String(res.socket));
      res.setHeader("X-One", "1").setHeader("x-many", ["a", "b"]);
      res.appendHeader("x-one", "2");
      say(res.getHeader("X-ONE"), res.getHeaderNames(), res.hasHeader("x-none"));
      say(Object.getPrototypeOf(res.getHeaders()), res.getHeaders());
      res.removeHeader("x-none");
      res.writeHead(201, "Made", { "set-cookie": ["a=1", "b=2"] });
      say(
        res.headersSent,
        message(() => res.setHeader("x", "y")),
        message(() => res.writeHead(200)),
      );
      for (const name of ["prefinish", "finish", "close"]) res.on(name, () => say(name));
      say(res.write("one "), res.writableEnded);
      res.end("two", () => say("callback"));
      say(res.writableEnded, res.finished);
    };
    say(...(await ask(listener)));
  },
  async statuses(say) {
    await ask((_req, res) => {
      for (const status of [100, 1000, "x"]) say(message(() => res.writeHead(status)));
      res.end();
    });
    say(...(await ask((_req, res) => res.writeHead(204).end("body"))));
    say(...(await ask((_req, res) => res.end("body"), { method: "HEAD" })));
    say(...(await ask((_req, res) => res.writeHead(999, { a: "b" }).end())));
  },
  async "headers that cannot be"(say) {
    await ask((_req, res) => {
      say(
        message(() => res.setHeader("a b", "c")),
        message(() => res.setHeader("a", "b\nc")),
      );
      say(
        message(() => res.setHeader("a")),
        message(() => res.getHeader(5)),
      );
      for (const name of ["writeContinue", "writeEarlyHints", "assignSocket"]) {
        say(message(() => res[name]()));
      }
      say(typeof res.addTrailers, typeof res.setTimeout);
      res.end();
    });
  },
  async "more than Content-Length promises"(say) {
    say(...(await ask((_req, res) => res.writeHead(200, { "content-length": 2 }).end("four"))));
  },
  async "a write after the end"(say) {
    const listener = (_req, res) => {
      res.end("x");
      res.on("error", (error) => say(error.code));
      res.write("y", (error) => say(error?.code));
    };
    say(...(await ask(listener)));
    await settled(new Promise(() => {}));
  },
  async "listeners that fail"(say) {
    const fail = () => {
      throw new RangeError("thrown");
    };
    say(...(await ask(fail)));
    say(...(await ask(async () => fail())));
  },
  async ports(say) {
    const server = http.createServer();
    say(server.listening, server.address(), server.constructor.name);
    say(server.listen(4002) === server, server.listening, server.address());
    say(
      message(() => server.listen(4003)),
      message(() => http.createServer().listen(4002)),
    );
    say(message(() => http.createServer().listen(99_999)));
    say(await settled(new Promise((done) => server.on("listening", () => done("listening")))));
    say(await settled(new Promise((done) => server.close(done))), server.listening);
    const { requestTimeout, headersTimeout, timeout, maxHeadersCount } = server;
    say(requestTimeout, headersTimeout, timeout, maxHeadersCount);
    for (const name of ["maxHeaderSize", "keepAliveTimeout"]) {
      say(message(() => http.createServer({ [name]: 5 })));
    }
    say(
      https.createServer().listen(0).listening,
      message(() => https.createServer().addContext()),
    );
  },
  async handlers(say) {
    const request = new Request("http://host.test/");
    say(await settled(handleAsNodeRequest(9999, request)));
    say(
      thrown(() => httpServerHandler()),
      thrown(() => httpServerHandler({})),
    );
    const server = http.createServer((req, res) => res.end(typeof req.cloudflare.ctx));
    const handler = httpServerHandler(server);
    say(Object.keys(handler), server.listening);
    say(await (await handler.fetch(request, {}, {})).text());
    server.close();
  },
};

const CLIENT = {
  async "an exchange"(say, { http: port }) {
    const response = await get({ port, host: "127.0.0.1", path: "/echo?a=1", headers: { A: "b" } });
    const { statusCode, statusMessage, httpVersion, rawHeaders, trailers } = response;
    say(statusCode, statusMessage, httpVersion, rawHeaders, trailers, response.constructor.name);
    say(response.headers["x-many"], typeof response.headers.date, response.url);
    const sent = JSON.parse(await body(response));
    say(sent.method, sent.url, sent.headers.a, sent.body, response.complete);
  },
  async "a body"(say, { http: port }) {
    const request = http.request({ port, path: "/echo", method: "post", host: "127.0.0.1" });
    request.setHeader("content-type", "text/x");
    say(request.write("one "), request.method, request.path, request.host, String(request.socket));
    const answer = new Promise((resolve) => request.on("response", resolve));
    const all = events(request);
    request.end("two");
    const sent = JSON.parse(await body(await answer));
    say(sent.method, sent.body, sent.headers["content-length"], sent.headers["content-type"]);
    say(await all);
  },
  async "redirects and codings are the caller's"(say, { http: port }) {
    const moved = await get(`http://127.0.0.1:${port}/redirect`);
    say(moved.statusCode, moved.headers.location, await body(moved));
    const zipped = await get(`http://127.0.0.1:${port}/gzip`);
    const chunks = [];
    for await (const chunk of zipped) chunks.push(chunk);
    say(zipped.headers["content-encoding"], Buffer.concat(chunks).subarray(0, 2).toString("hex"));
  },
  async "an end by force"(say, { http: port }) {
    const request = http.get({ port, host: "127.0.0.1", path: "/hang" });
    const all = events(request);
    request.destroy();
    say(await all, request.destroyed);
    const other = http.get({ port, host: "127.0.0.1", path: "/hang" });
    const others = events(other);
    other.abort();
    say(await others, other.aborted);
  },
  async "a timeout and a signal"(say, { http: port }) {
    const late = http.get({ port, host: "127.0.0.1", path: "/hang", timeout: 30 });
    say(await events(late));
    const controller = new AbortController();
    const { signal } = controller;
    const request = http.get({ port, host: "127.0.0.1", path: "/hang", signal });
    const all = events(request);
    controller.abort();
    say(await all);
  },
  async "what is refused"(say) {
    const options = {
      createConnection: () => {},
      lookup: () => {},
      socketPath: "x",
      maxHeaderSize: 5,
    };
    for (const [name, value] of Object.entries(options)) {
      say(message(() => http.request({ [name]: value })));
    }
    say(
      message(() => http.request("https://a.test/")),
      message(() => http.request("nothing")),
    );
    say(message(() => https.request("http://a.test/")));
    for (const path of ["//evil/", "/a b", "http://a/"]) say(message(() => http.request({ path })));
    say(message(() => http.request({ method: "A B" })));
    say(message(() => new http.Agent().createConnection()));
  },
  async "agents and tables"(say) {
    const { options, defaultPort, protocol, maxSockets, maxFreeSockets } = http.globalAgent;
    say(options, defaultPort, protocol, String(maxSockets), maxFreeSockets);
    say(https.globalAgent.defaultPort, https.globalAgent.protocol, new http.Agent().keepAlive);
    say(http.METHODS.length, Object.keys(http.STATUS_CODES).length, http.maxHeaderSize);
    class Own extends http.Agent {}
    say(new Own() instanceof http.Agent, typeof Object.create(http.IncomingMessage.prototype));
  },
};

export default {
  async fetch(request) {
    const ports = Object.fromEntries(new URL(request.url).searchParams);
    return Response.json({ ...(await play(SERVER, ports)), ...(await play(CLIENT, ports)) });
  },
};
