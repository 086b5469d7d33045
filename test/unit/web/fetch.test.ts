import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Invocation, runInvocation } from "../../../src/isolate/invocation.ts";
import { httpCompat, setHttpCompat } from "../../../src/web/compat.ts";
import { AbortController, AbortSignal } from "../../../src/web/events/abort-signal.ts";
import { fetch, setFetchSettings } from "../../../src/web/http/fetch.ts";
import { Request } from "../../../src/web/http/request.ts";
import { setFetcherCheck } from "../../../src/web/http/request-checks.ts";
import { type Response, responseToWire } from "../../../src/web/http/response.ts";
import type { ReadableStream } from "../../../src/web/streams/readable-stream.ts";
import { useRealNetwork } from "../../helpers/network.ts";
import { streamOf, textOf } from "./streams-of.ts";

const compat = httpCompat();
afterEach(() => setHttpCompat(compat));

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const routes: Record<string, Handler> = {
  "/text": (_request, response) => response.end("hello"),
  "/echo": (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      response.setHeader("content-type", "application/json");
      const body = Buffer.concat(chunks).toString();
      response.end(JSON.stringify({ method: request.method, headers: request.headers, body }));
    });
  },
  "/gzip": (_request, response) => {
    response.setHeader("content-encoding", "gzip");
    response.end(gzipSync("packed"));
  },
  "/cookies": (_request, response) => {
    response.setHeader("set-cookie", ["a=1", "b=2"]);
    response.statusCode = 418;
    response.end();
  },
  "/to-echo": (_request, response) => {
    response.writeHead(302, { location: "/echo" }).end();
  },
  "/keep-method": (_request, response) => {
    response.writeHead(307, { location: "/echo" }).end();
  },
  "/loop": (_request, response) => {
    response.writeHead(302, { location: "/loop" }).end();
  },
  "/to-ftp": (_request, response) => {
    response.writeHead(302, { location: "ftp://x/" }).end();
  },
  "/hang": () => {},
  "/half": (_request, response) => {
    response.write("half", () => response.destroy());
  },
  "/endless": (_request, response) => {
    response.write("start");
  },
};

const server = createServer((request, response) => routes[request.url ?? ""]?.(request, response));
let origin = "";

beforeAll(async () => {
  await useRealNetwork();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function invoke<T>(fn: (invocation: Invocation) => Promise<T>): Promise<T> {
  const invocation = new Invocation({ requestId: "1", depth: 0 });
  return runInvocation(invocation, () => fn(invocation)).finally(() => invocation.end());
}

interface Echo {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}
const echoOf = async (response: Response): Promise<Echo> => (await response.json()) as Echo;

describe("requests", () => {
  test("send method, headers and body; the answer is immutable and names its URL", async () => {
    await invoke(async () => {
      const response = await fetch(`${origin}/echo`, {
        method: "POST",
        headers: { "X-A": "1", "CF-Connecting-IP": "1.2.3.4" },
        body: "text",
      });
      expect([response.url, response.redirected, response.ok]).toEqual([
        `${origin}/echo`,
        false,
        true,
      ]);
      expect(() => response.headers.set("a", "b")).toThrow("Can't modify immutable headers.");
      const echo = await echoOf(response);
      expect([echo.method, echo.body, echo.headers["x-a"]]).toEqual(["POST", "text", "1"]);
      expect(echo.headers["content-length"]).toBe("4");
      expect(echo.headers["accept-encoding"]).toBe("br, gzip");
      expect(echo.headers).not.toHaveProperty("cf-connecting-ip");
    });
  });

  test("ask for br where it is decoded, and leave a choice of the Worker's alone", async () => {
    await invoke(async () => {
      const asked = async (headers: Record<string, string> = {}) =>
        (await echoOf(await fetch(`${origin}/echo`, { headers }))).headers["accept-encoding"];
      setHttpCompat({ ...compat, brotli: false });
      expect([await asked(), await asked({ "accept-encoding": "zstd" })]).toEqual(["gzip", "zstd"]);
      setHttpCompat(compat);
      expect(await asked()).toBe("br, gzip");
    });
  });

  test("carry CF-Worker once the Worker has a name", async () => {
    setFetchSettings({ cfWorker: "w.example.com", stripAuthorization: true });
    await invoke(async () => {
      const echo = await echoOf(await fetch(new URL(`${origin}/echo`)));
      expect(echo.headers["cf-worker"]).toBe("w.example.com");
    });
  });

  test("stream their body", async () => {
    await invoke(async () => {
      const body = streamOf("a", "b", "c");
      const echo = await echoOf(await fetch(`${origin}/echo`, { method: "PUT", body }));
      expect([echo.body, echo.headers["transfer-encoding"]]).toEqual(["abc", "chunked"]);
    });
  });

  test("use up the body of a Request", async () => {
    await invoke(async () => {
      const request = new Request(`${origin}/echo`, { method: "POST", body: "x" });
      await fetch(request);
      expect(request.bodyUsed).toBe(true);
    });
  });

  test("go to a fetcher when the options name one", async () => {
    await invoke(async () => {
      const seen: string[] = [];
      const fetcher = {
        fetch: async (request: Request) => {
          seen.push(request.url);
          return "answer";
        },
      };
      setFetcherCheck((value) => value === fetcher);
      expect(await fetch("http://elsewhere/", { fetcher })).toBe("answer");
      expect(seen).toEqual(["http://elsewhere/"]);
    });
  });
});

describe("responses", () => {
  test("stream, keep each cookie and any status", async () => {
    await invoke(async () => {
      const response = await fetch(`${origin}/cookies`);
      expect([response.status, response.headers.getSetCookie()]).toEqual([418, ["a=1", "b=2"]]);
      const reader = (await fetch(`${origin}/text`)).body?.getReader({ mode: "byob" });
      const chunk = await reader?.read(new Uint8Array(100));
      expect(Buffer.from(chunk?.value as Uint8Array).toString()).toBe("hello");
    });
  });

  test("are decoded for readers and passed on as they came", async () => {
    await invoke(async () => {
      expect(await (await fetch(`${origin}/gzip`)).text()).toBe("packed");
      const wire = responseToWire(await fetch(`${origin}/gzip`));
      expect(wire.length).toBe(gzipSync("packed").byteLength);
      const chunks: Uint8Array[] = [];
      for await (const chunk of wire.body as ReadableStream) chunks.push(chunk as Uint8Array);
      expect(Buffer.concat(chunks)).toEqual(gzipSync("packed"));
    });
  });

  test("of HEAD have no body", async () => {
    await invoke(async () => {
      const response = await fetch(`${origin}/text`, { method: "HEAD" });
      expect([response.status, response.body]).toEqual([200, null]);
    });
  });
});

describe("redirects", () => {
  test("are followed; POST becomes GET on 302 and stays POST on 307", async () => {
    await invoke(async () => {
      const init = { method: "POST", body: "x" };
      const found = await fetch(`${origin}/to-echo`, init);
      expect([found.url, found.redirected]).toEqual([`${origin}/echo`, true]);
      expect(await echoOf(found)).toMatchObject({ method: "GET", body: "" });
      const kept = await echoOf(await fetch(`${origin}/keep-method`, init));
      expect(kept).toMatchObject({ method: "POST", body: "x" });
    });
  });

  test("are returned when redirect is manual", async () => {
    await invoke(async () => {
      const response = await fetch(`${origin}/to-echo`, { redirect: "manual" });
      expect([response.status, response.headers.get("location")]).toEqual([302, "/echo"]);
    });
  });

  test.each([
    ["/loop", {}, "Too many redirects.http"],
    ["/to-ftp", {}, "Invalid Location header; unable to follow redirect."],
    ["/keep-method", { method: "POST" }, "A request with a one-time-use body"],
  ])("of %s fail", async (path, init, text) => {
    const body = "method" in init ? { body: streamOf("x") } : {};
    await expect(invoke(() => fetch(origin + path, { ...init, ...body }))).rejects.toThrow(text);
  });
});

describe("failures", () => {
  test("outside an invocation", async () => {
    await expect(fetch(origin)).rejects.toThrow("Disallowed operation called within global scope.");
  });

  test.each([
    ["foo", "Invalid URL: foo"],
    ["ftp://x/", "Fetch API cannot load: ftp://x/"],
  ])("of fetch(%j)", async (url, text) => {
    await expect(invoke(() => fetch(url))).rejects.toThrow(new TypeError(text));
  });

  test("name the cause when nobody listens or the connection is lost midway", async () => {
    await expect(invoke(() => fetch("http://127.0.0.1:1/"))).rejects.toThrow(
      /^Network connection lost\. \(.*ECONNREFUSED/,
    );
    await expect(invoke(async () => (await fetch(`${origin}/half`)).text())).rejects.toMatchObject({
      message: expect.stringMatching(/^Network connection lost\./),
      retryable: true,
    });
  });

  test("an abort rejects the fetch, or fails the body, with its reason", async () => {
    await invoke(async () => {
      await expect(fetch(origin, { signal: AbortSignal.abort("why") })).rejects.toBe("why");
      const waiting = new AbortController();
      const hanging = fetch(`${origin}/hang`, { signal: waiting.signal });
      setImmediate(() => waiting.abort(new Error("stop")));
      await expect(hanging).rejects.toThrow("stop");
      const reading = new AbortController();
      const response = await fetch(`${origin}/endless`, { signal: reading.signal });
      const text = textOf(response.body);
      reading.abort(new Error("enough"));
      await expect(text).rejects.toThrow("enough");
    });
  });

  test("the end of the invocation ends what it fetches", async () => {
    const invocation = new Invocation({ requestId: "1", depth: 0 });
    const response = await runInvocation(invocation, () => fetch(`${origin}/endless`));
    const text = response.text();
    invocation.end();
    await expect(text).rejects.toThrow("Network connection lost.");
    expect(invocation.pending).toBe(0);
  });
});
