import { spawn } from "node:child_process";
import { once } from "node:events";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { bin } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/* Keys in a terminal: the one that script(1) of util-linux makes. */

test("r reloads the Worker that the next key names, or all, s shows the status, x ends the session", async () => {
  await using project = await tempProject({
    "api/wrangler.json": config("api"),
    "api/src/index.ts": `console.log("api begins"); export default { fetch: () => new Response() };`,
    "auth/wrangler.json": config("auth"),
    "auth/src/index.ts": `console.log("auth begins"); export default { fetch: () => new Response() };`,
  });
  const command = `"${process.execPath}" "${bin}" dev -c api/wrangler.json -c auth/wrangler.json --port 0 --no-registry`;
  const { CI: _, NODE_OPTIONS: __, ...env } = process.env;
  const terminal = spawn("script", ["-qec", command, "/dev/null"], {
    cwd: project.dir,
    env: { ...env, TERM: "xterm" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(terminal, "exit");
  let raw = "";
  terminal.stdout.setEncoding("utf8").on("data", (text: string) => {
    raw += text;
  });
  const output = (): string => stripVTControlCharacters(raw);
  const count = (text: string): number => output().split(text).length - 1;
  try {
    await eventually(() => expect(output()).toContain("[r] reload"));
    expect(output()).toContain("[s] show status");
    expect([count("api begins"), count("auth begins")]).toEqual([1, 1]);
    terminal.stdin.write("r");
    await eventually(() => expect(output()).toMatch(/\[1\] api[\s\S]*\[2\] auth[\s\S]*\[a\] all/));
    terminal.stdin.write("2");
    await eventually(() => expect(count("Local server updated and ready")).toBe(1));
    expect([count("api begins"), count("auth begins")]).toEqual([1, 2]);
    terminal.stdin.write("ra");
    await eventually(() => {
      expect([count("api begins"), count("auth begins")]).toEqual([2, 3]);
      expect(count("Local server updated and ready")).toBe(3);
    });
    terminal.stdin.write("s");
    await eventually(() => expect(output()).toMatch(/api ready[\s\S]*auth ready/));
    terminal.stdin.write("x");
    expect(await exited).toEqual([0, null]);
  } finally {
    terminal.kill("SIGKILL");
  }
});
