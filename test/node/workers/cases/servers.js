/* `http.createServer` and `cloudflare:node` (spec/node.md 8.2). */
import {
  connectHandler,
  handleAsNodeConnection,
  handleAsNodeRequest,
  httpServerHandler,
} from "cloudflare:node";
import http from "node:http";
import https from "node:https";
import { thrown } from "../shown.js";

let next = 5000;

/** What `listener` answers to `request`, through a server of its own. */
async function ask(listener, path = "/", init = {}, options = {}) {
  const port = next++;
  const server = http.createServer(options, listener);
  server.listen(port);
  try {
    const response = await handleAsNodeRequest(port, new Request(`http://a.test${path}`, init));
    // `connection` and `transfer-encoding` are the connection's: docs/parity.md.
    const headers = [...response.headers].filter(([name]) => !/^(?:conn|transf)/.test(name));
    return [response.status, response.statusText, headers, await response.text()];
  } finally {
    server.close();
  }
}

export const cases = {
  "a simple answer": () => ask((_request, response) => response.end("hello")),
  "status and headers": () =>
    ask((_request, response) => {
      response.writeHead(201, "Made", { "X-A": "1", "Set-Cookie": ["a=1", "b=2"] });
      response.write("part ");
      response.end("end");
    }),
  "headers as a list": () =>
    ask((_request, response) => {
      response.writeHead(200, ["X-A", "1", "X-A", "2"]);
      response.end();
    }),
  "a body for 204 and HEAD": async () => [
    await ask((_request, response) => response.writeHead(204).end("body")),
    await ask((_request, response) => response.end("body"), "/", { method: "HEAD" }),
    await ask((_request, response) => response.writeHead(304).end("body")),
  ],
  "a request": async () => {
    const found = {};
    await ask(
      (request, response) => {
        const { socket } = request;
        Object.assign(found, {
          url: request.url,
          method: request.method,
          headers: request.headers,
          raw: request.rawHeaders,
          distinct: request.headersDistinct,
          version: request.httpVersion,
          major: request.httpVersionMajor,
          minor: request.httpVersionMinor,
          complete: request.complete,
          trailers: request.trailers,
          cloudflare: Object.keys(request.cloudflare ?? {}),
          same: socket === request.connection,
          encrypted: socket.encrypted,
          remoteAddress: socket.remoteAddress,
          remoteFamily: socket.remoteFamily,
          localAddress: socket.localAddress,
          port: typeof socket.localPort,
          write: typeof socket.write,
          setTimeout: typeof socket.setTimeout,
          destroy: typeof socket.destroy,
          readable: socket.readable,
        });
        response.end();
      },
      "/some/path?a=1&b=%20",
      { headers: { "X-Custom": "A", Cookie: "a=1", "CF-Connecting-IP": "9.8.7.6" } },
    );
    return found;
  },
  "a request body": () =>
    ask(
      async (request, response) => {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        response.end(Buffer.concat(chunks).toString() + chunks[0]?.constructor.name);
      },
      "/",
      { method: "POST", body: "some body" },
    ),
  "a response": async () => {
    const found = [];
    await ask((_request, response) => {
      found.push(
        response.constructor.name,
        response instanceof http.ServerResponse,
        response instanceof http.OutgoingMessage,
        response.statusCode,
        response.statusMessage,
        response.sendDate,
        response.headersSent,
        response.finished,
        typeof response.socket,
        typeof response.setTimeout,
        typeof response.addTrailers,
        typeof response.req,
        response.writableEnded,
        response.getHeaders(),
      );
      response.setHeader("X-A", "1");
      response.appendHeader("X-A", "2");
      response.setHeaders(new Map([["x-b", "3"]]));
      found.push(response.getHeader("x-a"), response.getHeaderNames(), response.hasHeader("X-B"));
      response.end("x");
      found.push(response.headersSent, response.finished, response.writableEnded);
    });
    return found;
  },
  "errors of a response": async () => {
    const found = [];
    let done;
    await ask((_request, response) => {
      done = tell(response);
    });
    await done;
    async function tell(response) {
      found.push(
        await thrown(() => response.writeHead(100)),
        await thrown(() => response.writeHead(1000)),
        await thrown(() => response.writeHead("x")),
        await thrown(() => response.setHeader("a b", 1)),
        await thrown(() => response.setHeader("a", "\u0000")),
        await thrown(() => response.assignSocket({})),
        await thrown(() => response.detachSocket({})),
        await thrown(() => response.writeContinue()),
        await thrown(() => response.writeProcessing()),
        await thrown(() => response.writeEarlyHints({ link: "x" })),
        await thrown(() => response.write(5)),
        await thrown(() => response.write(null)),
      );
      response.write("x");
      found.push(
        await thrown(() => response.setHeader("a", "b")),
        await thrown(() => response.writeHead(200)),
        await thrown(() => response.removeHeader("a")),
      );
      const late = new Promise((resolve) => response.on("error", resolve));
      response.end();
      const given = new Promise((resolve) => response.write("late", resolve));
      found.push(await given, await late);
    }
    return found;
  },
  "a reason that is none": async () =>
    await thrown(() => ask((_request, response) => response.writeHead(200, "\n").end())),
  "a content length": async () => [
    await ask((_request, response) => {
      response.setHeader("Content-Length", 3);
      response.end("abcdef");
    }),
    await ask((_request, response) => {
      response.strictContentLength = true;
      response.setHeader("Content-Length", 3);
      response.write("ab");
      try {
        response.write("cdef");
      } catch (error) {
        response.end(error.code === "ERR_HTTP_CONTENT_LENGTH_MISMATCH" ? "x" : "y");
      }
    }),
  ],
  "events of a server": async () => {
    const heard = [];
    const server = http.createServer();
    for (const name of ["connection", "request", "close", "listening"]) {
      server.on(name, (...args) => heard.push([name, args.map((arg) => arg?.constructor?.name)]));
    }
    server.on("request", (_request, response) => {
      for (const name of ["prefinish", "finish", "close"]) {
        response.on(name, () => heard.push(name));
      }
      response.end("x");
    });
    server.listen(4990);
    const response = await handleAsNodeRequest(4990, new Request("http://a.test/"));
    await response.text();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => server.close(resolve));
    await new Promise((resolve) => setTimeout(resolve, 1));
    return heard;
  },
  "listeners that fail": async () => [
    await thrown(() =>
      ask(() => {
        throw new TypeError("thrown");
      }),
    ),
    await thrown(() =>
      ask(async () => {
        throw new TypeError("rejected");
      }),
    ),
  ],
  listening: async () => {
    const server = http.createServer();
    const found = [server.listening, server.address(), server.listen(4991) === server];
    found.push(server.listening, server.address());
    found.push(await thrown(() => server.listen(4992)));
    found.push(await thrown(() => http.createServer().listen(4991)));
    found.push(await thrown(() => http.createServer().listen(99999)));
    found.push(await thrown(() => http.createServer().listen("x")));
    const other = http.createServer().listen("4993");
    found.push(other.address());
    const third = http.createServer().listen({ port: 4994, host: "x.test" });
    found.push(third.address());
    const fourth = http.createServer().listen();
    found.push(fourth.address().port >= 49152);
    found.push(
      await new Promise((resolve) => server.getConnections((...args) => resolve(args))),
      server.close() === server,
      server.listening,
      await thrown(() => http.createServer().listen(4991).close()),
    );
    for (const one of [other, third, fourth]) one.close();
    found.push(await new Promise((resolve) => other.close(resolve)));
    return found;
  },
  "options of a server": async () => {
    const found = [];
    for (const name of [
      "maxHeaderSize",
      "keepAliveTimeout",
      "keepAliveTimeoutBuffer",
      "connectionsCheckingInterval",
      "requestTimeout",
      "headersTimeout",
      "highWaterMark",
      "joinDuplicateHeaders",
      "insecureHTTPParser",
      "noDelay",
    ]) {
      found.push([name, await thrown(() => http.createServer({ [name]: 5 }))]);
    }
    const server = http.createServer();
    found.push(
      server.requestTimeout,
      server.headersTimeout,
      server.keepAliveTimeout,
      server.timeout,
      server.maxHeadersCount,
      server.maxRequestsPerSocket,
      await thrown(() => http.createServer(5)),
      await thrown(() => server.setTimeout(5) === server),
      await thrown(() => server.closeAllConnections()),
      await thrown(() => server.closeIdleConnections()),
    );
    return found;
  },
  "a server of https": async () => {
    const server = https.createServer({}, (_request, response) => response.end("secure"));
    server.listen(4995);
    const response = await handleAsNodeRequest(4995, new Request("https://a.test/"));
    const found = [response.status, await response.text(), server.constructor.name];
    for (const name of ["addContext", "getTicketKeys", "setTicketKeys", "setSecureContext"]) {
      found.push(await thrown(() => server[name]()));
    }
    server.close();
    return found;
  },
  handlers: async () => {
    const server = http.createServer((request, response) => {
      response.end(
        JSON.stringify([
          request.url,
          Object.keys(request.cloudflare),
          typeof request.cloudflare.env,
        ]),
      );
    });
    const handler = httpServerHandler(server);
    const answer = await handler.fetch(new Request("http://a.test/x"), { A: 1 }, {});
    const found = [Object.keys(handler), server.listening, await answer.text()];
    const port = server.address().port;
    const byNumber = httpServerHandler(port);
    found.push(await (await byNumber.fetch(new Request("http://a.test/y"), {}, {})).text());
    server.close();
    return found;
  },
  "errors of handlers": async () => [
    await thrown(() => httpServerHandler()),
    await thrown(() => httpServerHandler(null)),
    await thrown(() => httpServerHandler({})),
    await thrown(() => httpServerHandler("x")),
    await thrown(() => handleAsNodeRequest(9999, new Request("http://a.test/"))),
    await thrown(() => handleAsNodeRequest({ port: 9999 }, new Request("http://a.test/"))),
    await thrown(() => handleAsNodeRequest(undefined, new Request("http://a.test/"))),
    await thrown(() =>
      httpServerHandler({ port: 9998 }).fetch(new Request("http://a.test/"), {}, {}),
    ),
    typeof connectHandler,
    typeof handleAsNodeConnection,
  ],
};
