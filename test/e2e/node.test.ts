import { expect, test } from "vitest";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";

/* What a Worker sees of Node, through a real bundle (spec/node.md). */

test("a Durable Object keeps its /tmp between calls, and shares it with no other", async () => {
  await using project = await tempProject({
    "wrangler.json": JSON.stringify({
      name: "boxes",
      main: "index.js",
      compatibility_date: "2026-11-17",
      durable_objects: { bindings: [{ name: "BOX", class_name: "Box" }] },
      migrations: [{ tag: "v1", new_sqlite_classes: ["Box"] }],
    }),
    "index.js": `import { DurableObject } from "cloudflare:workers";
      import { readdirSync, writeFileSync } from "node:fs";
      export class Box extends DurableObject {
        put(name) { writeFileSync("/tmp/" + name, "x"); return readdirSync("/tmp"); }
      }
      export default { async fetch(request, env) {
        const [a, b] = ["a", "b"].map((name) => env.BOX.get(env.BOX.idFromName(name)));
        return Response.json([await a.put("one"), await b.put("other"), await a.put("two")]);
      } };`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const put = async (): Promise<unknown> => (await dev.fetch("/")).json();
  expect(await put()).toEqual([["one"], ["other"], ["one", "two"]]);
  expect(await put()).toEqual([["one", "two"], ["other"], ["one", "two"]]);
});

test("/bundle holds the Worker and its modules, read-only, and nothing of the machine", async () => {
  await using project = await tempProject({
    "wrangler.json": JSON.stringify({
      name: "files",
      main: "index.ts",
      compatibility_date: "2026-11-17",
    }),
    "note.txt": "a note",
    "index.ts": `import fs from "node:fs";
      import note from "./note.txt";
      const told = (run: () => unknown) => { try { return run(); } catch (error) { return (error as Error).message; } };
      export default { fetch() {
        const [name] = fs.globSync("*-note.txt", { cwd: "/bundle" }) as string[];
        return Response.json([
          fs.readFileSync("index.js", "utf8").includes("a note that is in the source"),
          fs.readFileSync(String(name), "utf8") === note,
          told(() => fs.writeFileSync("/bundle/index.js", "")),
          told(() => fs.readFileSync("/etc/passwd")),
          fs.readdirSync("/"),
        ]);
      } };`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect(await (await dev.fetch("/")).json()).toEqual([
    true,
    true,
    "operation not permitted",
    "no such file or directory, readAll '/etc/passwd'",
    ["bundle", "tmp", "dev"],
  ]);
});
