import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { runDev, runDrover } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/* `--service BINDING=url` and `--stub BINDING=file`: bindings that lead elsewhere. */
const project = {
  "api/wrangler.json": config("api", {
    services: [
      { binding: "AUTH", service: "auth", entrypoint: "Auth" },
      { binding: "WEB", service: "web" },
    ],
  }),
  "api/src/index.ts": `export default {
    async fetch(request, env) {
      const { pathname } = new URL(request.url);
      if (pathname === "/auth") return new Response(await env.AUTH.verify("t"));
      return env.WEB.fetch(request);
    },
  };`,
  "other/wrangler.json": config("other", { services: [{ binding: "AUTH", service: "api" }] }),
  "other/src/index.ts":
    "export default { fetch(request, env) { return env.AUTH.fetch(request) } };",
  "mock.ts": `import { WorkerEntrypoint } from "cloudflare:workers";
    export class Auth extends WorkerEntrypoint { verify(token) { return "mock 1 " + token } }
    export default {};`,
};

test("a binding leads to a URL: method, path, headers, body and answer go through", async () => {
  await using files = await tempProject(project);
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const { method, url, headers } = request;
    response.writeHead(302, { "x-seen": `${method} ${url} ${headers["x-a"]}`, location: "/next" });
    response.end(Buffer.concat(chunks as Buffer[]));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const args = [
    "--service",
    `WEB=http://127.0.0.1:${port}/base/`,
    "--service=NOPE=http://localhost:1",
    "--stub=NADA=api/src/index.ts",
  ];
  await using dev = await runDev("api/wrangler.json", { cwd: files.dir, args });
  expect(dev.output).toMatch(/env\.WEB \(url-web\) +Worker +local \[connected\]/);
  expect(dev.output).toContain("No Worker of this session has a service binding NOPE, NADA: ");
  expect(dev.output).not.toMatch(/(url-nope|stub-nada)\b/);
  const response = await dev.fetch("/a?b=c", {
    method: "POST",
    body: "hello",
    headers: { "x-a": "1" },
    redirect: "manual",
  });
  expect(response.status).toBe(302);
  expect(response.headers.get("x-seen")).toBe("POST /base/a?b=c 1");
  expect(response.headers.get("location")).toBe("/next");
  expect(await response.text()).toBe("hello");

  server.close();
  server.closeAllConnections();
  await once(server, "close");
  const failed = await dev.fetch("/");
  expect(failed.status).toBe(502);
  expect(await failed.text()).toContain(`WEB: http://127.0.0.1:${port}/base/ does not answer`);
});

test("a binding leads to a module, entrypoints and reloads included; other Workers keep theirs", async () => {
  await using files = await tempProject(project);
  await using dev = await runDev(["api/wrangler.json", "other/wrangler.json"], {
    cwd: files.dir,
    args: ["--stub", "api:AUTH=mock.ts"],
  });
  expect(dev.output).toMatch(/env\.AUTH \(stub-api-auth#Auth\) +Worker +local \[connected\]/);
  expect(await (await dev.fetch("/auth")).text()).toBe("mock 1 t");
  expect(await (await dev.fetch("/auth", { worker: "other" })).text()).toBe("mock 1 t");
  await files.write("mock.ts", project["mock.ts"].replace("mock 1", "mock 2"));
  await eventually(async () => expect(await (await dev.fetch("/auth")).text()).toBe("mock 2 t"));
});

test.each([
  ["--service", "AUTH", 'Expected --service BINDING=http://localhost:5173 but got "AUTH".'],
  [
    "--service",
    "AUTH=./a.ts",
    'Expected --service AUTH= to be followed by a URL but got "./a.ts".',
  ],
  ["--stub", "AUTH=nofile.ts", "--stub AUTH: the file nofile.ts does not exist."],
])("%s %s is refused", async (flag, value, text) => {
  await using files = await tempProject(project);
  const { code, stderr } = await runDrover(["dev", "-c", "api/wrangler.json", flag, value], {
    cwd: files.dir,
  });
  expect(code).toBe(2);
  expect(stderr).toContain(text);
});
