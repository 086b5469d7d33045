/*
 * A program that was written for wrangler's unstable_startWorker. Its answers by wrangler 4.164 are test/data/start-worker.json (write it
 * anew with this program's output, `import` of wrangler); drover is held to them by test/integration/session/start-worker.test.ts.
 *
 * @param {(input: object) => Promise<any>} unstable_startWorker
 * @returns {Promise<Record<string, unknown>>} what each step gave
 */
export async function program(unstable_startWorker) {
  const answers = {};
  const attempt = async (label, run) => {
    try {
      answers[label] = (await run()) ?? null;
    } catch (error) {
      answers[label] = `! ${error.name}: ${error.message}`;
    }
  };
  const dev = { server: { port: 0 }, inspector: { port: 0 }, logLevel: "none", persist: false };
  const worker = await unstable_startWorker({ config: "wrangler.json", dev });
  const text = async (...args) => (await worker.fetch(...args)).text();
  await attempt("ready", () => worker.ready);
  await attempt("url", async () => [
    (await worker.url) instanceof URL,
    (await worker.url).protocol,
  ]);
  await attempt("inspectorUrl", async () => (await worker.inspectorUrl) instanceof URL);
  await attempt("config", () => {
    const { name, config, compatibilityDate, compatibilityFlags, entrypoint, projectRoot } =
      worker.config;
    return [
      name,
      config,
      compatibilityDate,
      compatibilityFlags,
      entrypoint.slice(projectRoot.length),
    ];
  });
  await attempt("fetch", () => text("http://example.com/a?b"));
  await attempt("fetch of a URL", () => text(new URL("https://example.com:8443/a")));
  await attempt("post", () => text("http://example.com/a", { method: "POST", body: "hello" }));
  await attempt("relative", () => text("/a"));
  await attempt("thrown", () => text("http://example.com/boom"));
  await attempt("redirect", async () => {
    const { status, headers } = await worker.fetch("http://example.com/away", {
      redirect: "manual",
    });
    return [status, headers.get("location")];
  });
  await attempt("setConfig", async () => {
    await worker.setConfig({ config: "wrangler.json", env: "staging", dev });
    return await text("http://example.com/");
  });
  await attempt("patchConfig", async () => {
    await worker.patchConfig({
      bindings: {
        EXTRA: { type: "plain_text", value: "x" },
        TREE: { type: "json", value: { a: [1] } },
        STORE: { type: "kv_namespace", id: "store" },
      },
    });
    return await text("http://example.com/");
  });
  await attempt("dispose", () => worker.dispose());
  await attempt("dispose again", () => worker.dispose());
  await attempt("entrypoint", async () => {
    const other = await unstable_startWorker({
      name: "other",
      entrypoint: "src/index.js",
      compatibilityDate: "2026-06-01",
      bindings: { MODE: { type: "plain_text", value: "given" } },
      dev,
    });
    const answer = await (await other.fetch("http://example.com/")).text();
    await other.dispose();
    return answer;
  });
  await attempt("no config", async () => {
    try {
      await (await unstable_startWorker({ config: "nope.json", dev })).ready;
    } catch (error) {
      return error instanceof Error;
    }
  });
  return answers;
}
