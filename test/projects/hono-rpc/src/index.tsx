import { Hono } from "hono";
import { hc } from "hono/client";
import { upgradeWebSocket } from "hono/cloudflare-workers";
import { getCookie, setCookie, setSignedCookie } from "hono/cookie";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { Suspense, renderToReadableStream } from "hono/jsx/streaming";
import { jwt, sign } from "hono/jwt";
import { stream, streamSSE, streamText } from "hono/streaming";
import type { Api } from "../api/src/index";

const app = new Hono<{ Bindings: { API: { fetch: typeof fetch } } }>();
const client = (env: { API: { fetch: typeof fetch } }) =>
  hc<Api>("http://api", { fetch: env.API.fetch.bind(env.API) });

app.use("/cors/*", cors({ origin: "https://example.com", credentials: true }));
app.get("/cors/a", (c) => c.text("shared"));

app.get("/rpc", async (c) => {
  const api = client(c.env);
  const made = await api.books.$post({ json: { title: "On engines" } });
  const bad = await api.books.$post({ json: {} as { title: string } });
  const one = await api.books[":id"].$get({ param: { id: "1" } });
  const none = await api.books[":id"].$get({ param: { id: "9" } });
  const all = await api.books.$get({ query: { q: "é&=" } } as never);
  const file = new File(["contents"], "a.txt", { type: "text/plain" });
  const uploaded = await api.upload.$post({ form: { file, tags: "x" } });
  const refused = await api.private.$get();
  const inside = await api.private.$get(undefined, {
    headers: { authorization: `Basic ${btoa("ada:engine")}` },
  });
  return c.json({
    made: [made.status, await made.json()],
    bad: [bad.status, await bad.json()],
    one: [one.status, await one.json()],
    none: [none.status, await none.text()],
    all: await all.json(),
    uploaded: await uploaded.json(),
    refused: [refused.status, refused.headers.get("www-authenticate"), await refused.text()],
    inside: [inside.status, await inside.text()],
    url: api.books[":id"].$url({ param: { id: "2" } }).href,
  });
});

app.get("/stream/text", (c) =>
  streamText(c, async (out) => {
    for (const word of ["one", "two", "three"]) {
      await out.writeln(word);
      await out.sleep(5);
    }
  }),
);
app.get("/stream/sse", (c) =>
  streamSSE(c, async (out) => {
    for (let id = 0; id < 3; id++)
      await out.writeSSE({ id: String(id), event: "tick", data: `a\nb ${id}` });
  }),
);
app.get("/stream/pipe", (c) =>
  stream(c, async (out) => {
    const response = await c.env.API.fetch("http://api/books");
    await out.write("piped: ");
    await out.pipe(response.body as ReadableStream);
  }),
);
app.get("/stream/error", (c) =>
  streamText(
    c,
    async (out) => {
      await out.write("begun; ");
      throw new Error("broken");
    },
    async (error, out) => {
      await out.write(`told: ${error.message}`);
    },
  ),
);

app.get("/jsx", (c) => {
  const Later = async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return <b>later {"<&>"}</b>;
  };
  const body = renderToReadableStream(
    <html>
      <body>
        <Suspense fallback={<i>loading</i>}>
          <Later />
        </Suspense>
      </body>
    </html>,
  );
  return c.body(body, { headers: { "content-type": "text/html; charset=UTF-8" } });
});

app.get("/etag", etag(), (c) => c.text("tagged"));
app.get("/cookies", async (c) => {
  setCookie(c, "plain", "a b", { path: "/", httpOnly: true, sameSite: "Lax" });
  await setSignedCookie(c, "signed", "value", "secret");
  return c.json(getCookie(c));
});
app.get("/token", async (c) => c.text(await sign({ sub: "ada" }, "secret", "HS256")));
app.get("/me", jwt({ secret: "secret", alg: "HS256" }), (c) => c.json(c.get("jwtPayload")));

app.get(
  "/ws",
  upgradeWebSocket((c) => ({
    async onMessage(event, ws) {
      if (event.data === "bye") return ws.close(4001, "as you wish");
      if (event.data === "url") return ws.send(new URL(c.req.url).pathname);
      ws.send(
        typeof event.data === "string"
          ? `echo ${event.data}`
          : await new Response(event.data).bytes(),
      );
    },
  })),
);

export default app;
