import { expect, test } from "vitest";
import { runDrover } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";

const config = (name: string, more: object): string =>
  JSON.stringify(
    { name, main: "index.js", compatibility_date: "2026-06-01", ...more },
    undefined,
    2,
  );
const MAIN = "export default { fetch() { return new Response('ok') } };\n";

test("every variable of every Worker, where it is from and what it replaces, secrets hidden", async () => {
  await using files = await tempProject({
    "a/wrangler.json": config("a", {
      vars: { MODE: "dev", LIST: [1, 2], TOKEN: "plain", LONG: "x".repeat(60) },
    }),
    "a/index.js": MAIN,
    "a/.dev.vars": "TOKEN=s3cret\nEXTRA=s3cret\n",
    "b/wrangler.json": config("b", { vars: { MODE: "b" }, env: { prod: { vars: { MODE: "p" } } } }),
    "b/index.js": MAIN,
    "b/.env": "MODE=s3cret\n",
    "b/.env.prod": "MODE=s3cret\n",
    "c/wrangler.json": config("c", {}),
    "c/index.js": MAIN,
  });
  const args = ["-c", "a/wrangler.json", "-c", "b/wrangler.json@prod", "-c", "c/wrangler.json"];
  const { code, stdout } = await runDrover(
    ["dev", ...args, "--explain-env", "--var", "a:TOKEN=s3cret", "--var", "MORE:s3cret"],
    { cwd: files.dir },
  );
  expect(code).toBe(0);
  expect(stdout).not.toContain("s3cret");
  expect(stdout).toBe(`a  a/wrangler.json
Variable   Value                                     From                Instead of
env.MODE   "dev"                                     a/wrangler.json:6
env.LIST   [1,2]                                     a/wrangler.json:7
env.TOKEN  (hidden)                                  --var               a/.dev.vars, a/wrangler.json:11
env.LONG   "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...  a/wrangler.json:12
env.EXTRA  (hidden)                                  a/.dev.vars
env.MORE   (hidden)                                  --var

b-prod  b/wrangler.json, environment prod
Variable  Value     From         Instead of
env.MODE  (hidden)  b/.env.prod  b/.env, b/wrangler.json:11
env.MORE  (hidden)  --var

c  c/wrangler.json
Variable  Value     From
env.MORE  (hidden)  --var
`);
});
