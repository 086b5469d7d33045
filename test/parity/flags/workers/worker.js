/*
 * What flags of the Web platform change, each question small. `/?p=NAME&port=PORT` answers one, `/` lists them; PORT is a server
 * of HTTP on 127.0.0.1 that answers every GET with its path.
 */
import * as workers from "cloudflare:workers";

const attempt = async (run) => {
  try {
    const value = await run();
    return value === undefined ? "undefined" : value;
  } catch (error) {
    // Ports change, and the source of a function is its runtime's.
    const text = String(error?.message).replace(/127\.0\.0\.1:\d+/, "127.0.0.1:PORT");
    return `!${error?.name}: ${text.replace(/ of function '.*'$/s, " of a function")}`;
  }
};

const attempts = async (runs) => {
  const answers = {};
  for (const [name, run] of Object.entries(runs)) answers[name] = await attempt(run);
  return answers;
};

const later = (value) => ({
  // biome-ignore lint/suspicious/noThenProperty: that is what is asked about.
  then(resolve) {
    resolve(value);
  },
});

const acceptedPair = () => {
  const [left, right] = Object.values(new WebSocketPair());
  left.accept();
  right.accept();
  return left;
};

const rewrite = (element) =>
  new HTMLRewriter().on("p", { element }).transform(new Response("<p>a</p>")).text();

const questions = {
  exponent: async () => {
    const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    const generated = await crypto.subtle.generateKey(
      { ...algorithm, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
      true,
      ["sign", "verify"],
    );
    const der = await crypto.subtle.exportKey("spki", generated.publicKey);
    const imported = await crypto.subtle.importKey("spki", der, algorithm, true, ["verify"]);
    const signature = await crypto.subtle.sign(algorithm, generated.privateKey, der);
    return {
      keys: [generated.publicKey, generated.privateKey, imported].map(({ algorithm: shown }) => [
        shown.publicExponent.constructor.name,
        ...new Uint8Array(shown.publicExponent),
        Object.keys(shown).join(),
      ]),
      same: Object.is(imported.algorithm, imported.algorithm),
      verifies: await crypto.subtle.verify(algorithm, imported, signature, der),
    };
  },
  thenables: async ({ ctx, port }) =>
    await attempts({
      handler: async () => {
        const response = await fetch(`http://127.0.0.1:${port}/ok`);
        return await response.text();
      },
      rewriter: () =>
        rewrite((element) => ({
          // biome-ignore lint/suspicious/noThenProperty: that is what is asked about.
          then(resolve) {
            element.setInnerContent("later");
            resolve();
          },
        })),
      promise: () =>
        rewrite(async (element) => {
          await scheduler.wait(1);
          element.setInnerContent("later");
        }),
      waitUntil: () => ctx.waitUntil(later(1)),
      pull: async () => {
        let count = 0;
        const stream = new ReadableStream({
          pull(controller) {
            controller.enqueue(count++);
            if (count > 2) controller.close();
            return later(1);
          },
        });
        return await Array.fromAsync(stream);
      },
    }),
  protocols: async ({ port }) =>
    await attempts(
      Object.fromEntries(
        [
          `ftp://127.0.0.1:${port}/x?y`,
          `ws://127.0.0.1:${port}/x`,
          `wss://127.0.0.1:${port}/x`,
          `foo://127.0.0.1:${port}/x`,
          "about:blank",
          "data:text/plain,hi",
          "data:nope",
          "mailto:a@b",
          "foo:bar",
        ].map((url) => [
          url.replace(port, "PORT"),
          async () => {
            const response = await fetch(url);
            const { status } = response;
            return [status, await response.text(), response.url.replace(port, "PORT")];
          },
        ]),
      ),
    ),
  prototypes: async () => {
    const names =
      "Request Response Headers URL WebSocket ReadableStream Event EventTarget Blob FormData";
    return await attempts(
      Object.fromEntries(
        names.split(" ").map((name) => [
          name,
          () => {
            const { prototype } = globalThis[name];
            const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(
              globalThis[name],
              "prototype",
            );
            prototype.added = 1;
            const isOpen = prototype.added === 1 && delete prototype.added;
            return [writable, enumerable, configurable, isOpen];
          },
        ]),
      ),
    );
  },
  resizable: async () => {
    const buffer = new ArrayBuffer(4, { maxByteLength: 8 });
    return await attempts({
      buffer: () => new Blob([buffer]).size,
      view: () => new Blob(["a", new Uint8Array(buffer, 1)]).size,
      file: () => new File([buffer], "f").size,
      fixed: () => new Blob([new ArrayBuffer(3), new Blob(["a"])]).size,
      body: async () => (await new Response(buffer).arrayBuffer()).byteLength,
    });
  },
  pedantic: async () =>
    await attempts({
      ...Object.fromEntries(
        [0, 999, 1000, 1001, 1003, 1005, 1007, 2999, 3000, 3999, 4000, 4999, 5000].map((code) => [
          `close ${code}`,
          () => acceptedPair().close(code),
        ]),
      ),
      "close without accept": () => new WebSocketPair()[0].close(1001),
      currentTarget: () => {
        const target = new EventTarget();
        const event = new Event("x");
        const shown = (value) => (value === target ? "target" : String(value));
        const members = () => [event.currentTarget, event.target, event.srcElement].map(shown);
        const seen = [members().join()];
        target.addEventListener("x", () => seen.push(members().join()));
        target.dispatchEvent(event);
        return [...seen, members().join()];
      },
      statusText: () => {
        const refused = [];
        for (let code = 0; code < 0x120; code += 1) {
          try {
            new Response(null, { statusText: `a${String.fromCharCode(code)}b` });
          } catch (error) {
            refused.push(`${code} ${error.message}`);
          }
        }
        return refused;
      },
      json: async () => await Response.json(undefined).text(),
      "json of a function": async () => await Response.json(() => 1).text(),
      "json of null": async () => await Response.json(null).text(),
      sink: () => new WritableStream({ type: "bytes" }).locked,
      "sink null": () => new WritableStream({ type: null }).locked,
      "sink undefined": () => new WritableStream({ type: undefined }).locked,
    }),
  env: async () => {
    const shown = () => [JSON.stringify(workers.env), Object.keys(workers.exports).join()];
    return await attempts(
      Object.fromEntries(
        [null, undefined, { a: 1 }].flatMap((given) =>
          Object.entries({
            withEnv: () => workers.withEnv(given, shown),
            within: () => workers.withEnv({ b: 2 }, () => workers.withEnv(given, shown)),
            withExports: () => workers.withExports(given, shown),
            withBoth: () => workers.withEnvAndExports(given, given, shown),
            withBothWithin: () =>
              workers.withEnvAndExports({ b: 2 }, { c: 3 }, () =>
                workers.withEnvAndExports(given, given, shown),
              ),
            later: async () => {
              const late = workers.withEnv(given, async () => {
                await scheduler.wait(1);
                return shown();
              });
              return await late;
            },
          }).map(([name, run]) => [`${name} ${JSON.stringify(given)}`, run]),
        ),
      ),
    );
  },
  clock: async () => {
    const times = [];
    for (let count = 0; count < 5; count += 1) {
      await scheduler.wait(1);
      times.push(performance.now());
    }
    return [times.every(Number.isInteger), performance.timeOrigin];
  },
  public: async ({ port }) => {
    const response = await fetch(`http://127.0.0.1:${port}/public`);
    return [response.status, await response.text()];
  },
  /** The last one: the runtime does not get over it. */
  assigned: async () =>
    await attempts({
      Headers: () => {
        const { prototype } = Headers;
        Headers.prototype = {};
        const answer = typeof new Headers().get;
        Headers.prototype = prototype;
        return answer;
      },
    }),
};

async function answer(name, given) {
  return Response.json(await questions[name](given));
}

export default {
  fetch(request, _env, ctx) {
    const { searchParams } = new URL(request.url);
    const name = searchParams.get("p");
    if (name === null) return Response.json(Object.keys(questions));
    if (name === "thenable") return later(new Response("thenable"));
    return answer(name, { ctx, port: searchParams.get("port") });
  },
};
