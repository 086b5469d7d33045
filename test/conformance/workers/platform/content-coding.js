import { behaviour, equal, rejects } from "../harness.js";
import { page } from "./pages.js";

/* 5, 7.3: Content-Encoding of answers */

const TEXT = "hello hello hello";

async function gzip(text) {
  const packed = new Response(text).body.pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/** "text" for readable text, else how the bytes are packed. */
async function kind(response) {
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (new TextDecoder().decode(bytes) === TEXT) return "text";
  return bytes[0] === 0x1f ? "gzip" : "other";
}

const codingOf = (request) => new URL(request.url).searchParams.get("coding");
const headersOf = (request) => ({ "content-encoding": codingOf(request) });

page("/coded/automatic", (request) => new Response(TEXT, { headers: headersOf(request) }));

const manual = async (request) =>
  new Response(await gzip(TEXT), { encodeBody: "manual", headers: headersOf(request) });
page("/coded/manual", manual);
page("/coded/cloned", async (request) => (await manual(request)).clone());
page("/coded/rewrapped", async (request) => {
  const response = await manual(request);
  return new Response(response.body, response);
});
page("/coded/passed", (request, env) =>
  env.SELF.fetch(`http://self/coded/manual?coding=${codingOf(request)}`),
);
page("/coded/passed-rewrapped", async (request, env) => {
  const response = await env.SELF.fetch(`http://self/coded/manual?coding=${codingOf(request)}`);
  return new Response(response.body, response);
});

page(
  "/coded/false",
  (request) => new Response(TEXT, { encodeBody: "manual", headers: headersOf(request) }),
);

const binding = (env, path, coding) =>
  env.SELF.fetch(`http://self${path}?coding=${encodeURIComponent(coding)}`);
/** By way of the front door, which has nothing to recode for a client that accepts this coding. */
const network = (request, path, coding) =>
  fetch(new URL(`${path}?coding=${encodeURIComponent(coding)}`, request.url), {
    encodeResponseBody: "manual",
    headers: { "accept-encoding": coding },
  });

const KNOWN = ["gzip", " gzip "];
const OPAQUE = ["GZIP", "Gzip", "x-gzip", "deflate", "zstd", "gzip, br", "identity"];

behaviour("7.3", "a caller reads a binding's encoded answer decoded", async ({ env }) => {
  for (const path of ["/coded/manual", "/coded/rewrapped", "/coded/passed"]) {
    for (const coding of KNOWN) {
      const response = await binding(env, path, coding);
      equal(response.headers.get("content-encoding"), "gzip", path);
      equal(await kind(response), "text", `${path} ${coding}`);
    }
  }
});

behaviour("7.3", "codings other than gzip and br are opaque over a binding", async ({ env }) => {
  for (const coding of OPAQUE) {
    equal(await kind(await binding(env, "/coded/manual", coding)), "gzip", coding);
    equal(await kind(await binding(env, "/coded/rewrapped", coding)), "gzip", coding);
    equal(await kind(await binding(env, "/coded/automatic", coding)), "text", coding);
  }
});

behaviour("7.3", "a body that is not what its coding says fails when read", async ({ env }) => {
  const response = await binding(env, "/coded/false", "gzip");
  await rejects(() => response.text(), "TypeError", "Gzip decompression failed.");
});

behaviour(
  "5",
  "encodeBody manual goes out as it is, also rewrapped and passed on",
  async (scene) => {
    const paths = ["manual", "rewrapped", "passed", "passed-rewrapped"];
    for (const path of paths.map((name) => `/coded/${name}`)) {
      const response = await network(scene.request, path, "gzip");
      equal(response.headers.get("content-encoding"), "gzip", path);
      equal(await kind(response), "gzip", path);
      equal(
        await kind(await fetch(new URL(`${path}?coding=gzip`, scene.request.url))),
        "text",
        path,
      );
    }
  },
);

behaviour("5", "only gzip and br encode an answer", async ({ request }) => {
  equal(await kind(await network(request, "/coded/automatic", "gzip")), "gzip");
  for (const coding of OPAQUE) {
    equal(await kind(await network(request, "/coded/automatic", coding)), "text", coding);
  }
});

behaviour("7.3", "a fetched answer of another coding is read as it came", async ({ request }) => {
  const response = await fetch(new URL("/coded/manual?coding=deflate", request.url));
  equal(await kind(response), "gzip");
});

behaviour(
  "7.3",
  "br is a coding from 2024-04-29 on",
  async ({ request }) => {
    equal(await kind(await network(request, "/coded/automatic", "br")), "other");
    equal(await kind(await fetch(new URL("/coded/automatic?coding=br", request.url))), "text");
  },
  { dates: ["newest", "2025"] },
);

behaviour(
  "7.3",
  "br is opaque before 2024-04-29",
  async ({ request }) => {
    equal(await kind(await network(request, "/coded/automatic", "br")), "text");
  },
  { dates: ["2024"] },
);

behaviour("5", "a clone does not keep encodeBody manual", async ({ env, request }) => {
  equal(await kind(await binding(env, "/coded/cloned", "gzip")), "gzip");
  equal(await kind(await fetch(new URL("/coded/cloned?coding=gzip", request.url))), "gzip");
});
