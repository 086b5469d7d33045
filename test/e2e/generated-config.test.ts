import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";

const recorded = (name: string) =>
  readFile(new URL(`../data/vite/${name}.json`, import.meta.url), "utf8");

/** The recorded build of a Worker and its auxiliary Worker, with the code that Vite made of them. */
async function vitePair() {
  const project = await tempProject({
    ".wrangler/deploy/config.json": await recorded("deploy"),
    "wrangler.jsonc": '{ "name": "vw", "main": "./src/index.ts" }',
    "dist/vw/index.js": `
      var worker = { async fetch(request, env) {
        return new Response("main " + env.A + await (await env.AUX.fetch(request)).text());
      } };
      export { worker as default };`,
    "dist/aux_worker/index.js": `
      import { name } from "./assets/name.js";
      var worker = { fetch: () => new Response(name) };
      export { worker as default };`,
    "dist/aux_worker/assets/name.js": 'export const name = "aux";',
    "aux/wrangler.jsonc": '{ "name": "aux-worker" }',
  });
  for (const [file, name] of [
    ["dist/vw/wrangler.json", "primary"],
    ["dist/aux_worker/wrangler.json", "auxiliary"],
  ] as const) {
    await project.write(file, (await recorded(name)).replaceAll("/project/", `${project.dir}/`));
  }
  return project;
}

test("what Vite built starts under --strict, auxiliary Workers too", async () => {
  await using project = await vitePair();
  await using dev = await runDev([], { cwd: project.dir, args: ["--strict"] });
  expect(dev.output).toContain("Using redirected Wrangler configuration.");
  expect(dev.output).toContain('Auxiliary Worker: "dist/aux_worker/wrangler.json"');
  expect(dev.output).not.toContain("WARNING");
  expect(await (await dev.fetch("/")).text()).toBe("main aux");
});

test("the build of a React Router app starts, with its assets", async () => {
  await using project = await tempProject({
    ".wrangler/deploy/config.json": await recorded("react-router-deploy"),
    "wrangler.jsonc": '{ "name": "rr-app", "main": "./workers/app.ts" }',
    "build/client/.assetsignore": "",
    "build/client/assets/app.js": "app",
    "build/server/index.js": `
      import { env } from "cloudflare:workers";
      import { AsyncLocalStorage } from "node:async_hooks";
      import { render } from "./assets/server-build.js";
      const storage = new AsyncLocalStorage();
      export default { fetch: () => storage.run(env.VALUE_FROM_CLOUDFLARE, () => render(storage)) };`,
    "build/server/assets/server-build.js":
      "export const render = (storage) => new Response(storage.getStore());",
  });
  const text = (await recorded("react-router")).replaceAll("/project/", `${project.dir}/`);
  await project.write("build/server/wrangler.json", text);
  await using dev = await runDev([], { cwd: project.dir });
  expect(dev.output).not.toContain("WARNING");
  expect(await (await dev.fetch("/assets/app.js")).text()).toBe("app");
  expect(await (await dev.fetch("/")).text()).toBe("Hello from Cloudflare");
});
