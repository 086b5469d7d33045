import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { request } from "undici";
import { expect, test } from "vitest";
import { freePort } from "../helpers/free-port.ts";
import { runDev, runDrover } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/* `--worker-port` and `--routes-dispatch`: which Worker a request is for. */

const says = `export default {
  fetch: (request, env) => new Response(env.NAME + " " + request.url),
};`;

function workers(routes: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(routes).flatMap(([name, more]) => [
      [`${name}/wrangler.json`, config(name, { vars: { NAME: name }, ...(more as object) })],
      [`${name}/src/index.ts`, says],
    ]),
  );
}

/** A request as a client sends it that has found `host` at this machine. */
async function ask(port: number, path: string, host: string): Promise<string> {
  const url = `http://127.0.0.1:${port}${path}`;
  const { body } = await request(url, { headers: { host } });
  return await body.text();
}

test("--worker-port gives a Worker a port of its own", async () => {
  await using project = await tempProject(workers({ site: {}, api: {}, auth: {} }));
  const configs = ["site/wrangler.json", "api/wrangler.json", "auth/wrangler.json"];
  await using dev = await runDev(configs, {
    cwd: project.dir,
    args: ["--worker-port", "api=0", "--worker-port=auth=0"],
  });
  const [, api] = await dev.waitForLine(/- api: http:\/\/localhost:(\d+)/);
  const [, auth] = await dev.waitForLine(/- auth: http:\/\/localhost:(\d+)/);
  const [apiPort, authPort] = [Number(api), Number(auth)];
  expect(new Set([dev.port, apiPort, authPort]).size).toBe(3);
  expect(await ask(dev.port, "/", `localhost:${dev.port}`)).toBe(
    `site http://localhost:${dev.port}/`,
  );
  expect(await ask(apiPort, "/x?y", `localhost:${apiPort}`)).toBe(
    `api http://localhost:${apiPort}/x?y`,
  );
  expect(await ask(authPort, "/", "auth.test")).toBe("auth http://auth.test/");
  // Names of Workers are good at every port.
  expect(await ask(apiPort, "/", "auth.localhost")).toBe("auth http://auth.localhost/");
  expect(await ask(dev.port, "/", "api.localhost")).toBe("api http://api.localhost/");
});

test("a port that is taken, a Worker that is not there and nonsense are told", async () => {
  await using project = await tempProject(workers({ site: {}, api: {} }));
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as { port: number };
  const start = (value: string) =>
    runDrover(
      [
        "dev",
        "-c",
        "site/wrangler.json",
        "-c",
        "api/wrangler.json",
        "--port=0",
        "--worker-port",
        value,
      ],
      { cwd: project.dir },
    );
  try {
    expect(await start(`api=${port}`)).toMatchObject({
      code: 4,
      stderr: expect.stringContaining(`--worker-port api=<port>`),
    });
  } finally {
    taken.close();
  }
  expect(await start("auth=0")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("There are: site, api."),
  });
  for (const value of ["api", "api=x", "api=65536", "=1"]) {
    expect([value, (await start(value)).code]).toEqual([value, 2]);
  }
});

test("--routes-dispatch sends requests where the routes of the configs lead", async () => {
  await using project = await tempProject(
    workers({
      site: { routes: ["shop.test/*", { pattern: "*.shop.test/*", zone_name: "shop.test" }] },
      api: { routes: ["shop.test/api/*"] },
      auth: { routes: [{ pattern: "login.shop.test", custom_domain: true }] },
    }),
  );
  const configs = ["site/wrangler.json", "api/wrangler.json", "auth/wrangler.json"];
  await using dev = await runDev(configs, { cwd: project.dir, args: ["--routes-dispatch"] });
  const at = (path: string, host: string) => ask(dev.port, path, host);
  // A name of this machine stands for the first Worker's host.
  expect(await at("/", `localhost:${dev.port}`)).toBe("site http://shop.test/");
  expect(await at("/api/x?y", `localhost:${dev.port}`)).toBe("api http://shop.test/api/x?y");
  expect(await at("/api/x", "shop.test")).toBe("api http://shop.test/api/x");
  expect(await at("/apis", "shop.test")).toBe("site http://shop.test/apis");
  expect(await at("/deep/x", `login.shop.test:${dev.port}`)).toBe(
    "auth http://login.shop.test/deep/x",
  );
  expect(await at("/", "other.shop.test")).toBe("site http://other.shop.test/");
  // Nobody's: the first Worker's, as without the flag.
  expect(await at("/", "elsewhere.test")).toBe("site http://shop.test/");
  expect(await at("/api/x", "auth.localhost")).toMatch(/^auth /);
});

test("without --routes-dispatch routes only say which host a Worker sees", async () => {
  await using project = await tempProject(
    workers({ site: { route: "shop.test/*" }, api: { route: "shop.test/api/*" } }),
  );
  await using dev = await runDev(["site/wrangler.json", "api/wrangler.json"], {
    cwd: project.dir,
  });
  expect(await ask(dev.port, "/api/x", "shop.test")).toBe("site http://shop.test/api/x");
});

test("a session that got another port than the default gets it again, even if that is free", async () => {
  await using project = await tempProject(workers({ site: {} }));
  const remembered = project.path("site/.wrangler/drover/ports.json");
  const port = await freePort("localhost");
  mkdirSync(dirname(remembered), { recursive: true });
  writeFileSync(remembered, JSON.stringify({ site: port, other: 1 }));
  const start = (...args: string[]) =>
    runDev("site/wrangler.json", { cwd: project.dir, args, ownPort: true });
  {
    await using first = await start();
    expect(first.port).toBe(port);
    // Taken: another one, which is remembered then.
    await using second = await start();
    expect(second.port).not.toBe(port);
    expect(JSON.parse(readFileSync(remembered, "utf8"))).toEqual({ site: second.port, other: 1 });
  }
  writeFileSync(remembered, "nonsense");
  await using third = await start("--port=0");
  expect(third.port).toBeGreaterThan(0);
  expect(readFileSync(remembered, "utf8")).toBe("nonsense");
});
