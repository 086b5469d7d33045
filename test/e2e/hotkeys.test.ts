import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
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
  using terminal = new Terminal(command, project.dir);
  const output = (): string => terminal.output;
  const count = (text: string): number => output().split(text).length - 1;
  await eventually(() => expect(output()).toContain("[r] reload"));
  expect(output()).toContain("[s] show status");
  expect([count("api begins"), count("auth begins")]).toEqual([1, 1]);
  terminal.type("r");
  await eventually(() => expect(output()).toMatch(/\[1\] api[\s\S]*\[2\] auth[\s\S]*\[a\] all/));
  terminal.type("2");
  await eventually(() => expect(count("Local server updated and ready")).toBe(1));
  expect([count("api begins"), count("auth begins")]).toEqual([1, 2]);
  terminal.type("ra");
  await eventually(() => {
    expect([count("api begins"), count("auth begins")]).toEqual([2, 3]);
    expect(count("Local server updated and ready")).toBe(3);
  });
  terminal.type("s");
  await eventually(() => expect(output()).toMatch(/api ready[\s\S]*auth ready/));
  terminal.type("x");
  expect(await terminal.exited).toEqual([0, null]);
});

test("Ctrl-Z stops the session as a job of its shell, fg brings it back with its keys", async () => {
  await using project = await tempProject({
    "api/wrangler.json": config("api"),
    "api/src/index.ts": `export default { fetch: () => new Response() };`,
  });
  using terminal = new Terminal("bash --norc --noprofile -i", project.dir);
  const session = `"${process.execPath}" "${bin}" dev -c api/wrangler.json --port 0 --no-registry`;
  const shows = (pattern: RegExp): Promise<void> =>
    eventually(() => expect(terminal.output).toMatch(pattern));
  terminal.type(`PS1='$ '; stty -a > before; ${session}; echo "status $?"\n`);
  await shows(/\[x\] to exit/);

  terminal.clear();
  terminal.type("\x1a");
  // The status of a job that SIGTSTP has stopped; the terminal is the shell's, and as it was.
  await shows(/Stopped[\s\S]*status 148/);
  terminal.type("stty -a > after; cmp before after && echo same $((1 + 1))\n");
  await shows(/same 2/);

  terminal.clear();
  terminal.type("fg\n");
  await shows(/\[x\] to exit/);
  terminal.type("s");
  await shows(/api ready/);

  // Stopped by others, and set going in the background: no key is its own until it is in front.
  terminal.clear();
  terminal.type("\x1a");
  await shows(/Stopped/);
  terminal.type("bg; echo behind $((1 + 1))\n");
  await shows(/behind 2/);
  terminal.type("jobs\n");
  await shows(/Running/);
  terminal.clear();
  terminal.type("fg\n");
  await shows(/\[x\] to exit/);
  terminal.type("x");
  await shows(/Shutting down/);
  terminal.type("exit\n");
  expect(await terminal.exited).toEqual([0, null]);
});

/** A command in a terminal, which script(1) makes; what it prints without ANSI codes. */
class Terminal implements Disposable {
  readonly exited: Promise<unknown[]>;
  readonly #script: ChildProcessByStdio<Writable, Readable, null>;
  #raw = "";

  constructor(command: string, cwd: string) {
    const { CI: _, NODE_OPTIONS: __, ...env } = process.env;
    this.#script = spawn("script", ["-qec", command, "/dev/null"], {
      cwd,
      env: { ...env, TERM: "xterm" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.exited = once(this.#script, "exit");
    this.#script.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#raw += text;
    });
  }

  get output(): string {
    return stripVTControlCharacters(this.#raw);
  }

  /** What was printed so far is seen no more. */
  clear(): void {
    this.#raw = "";
  }

  type(keys: string): void {
    this.#script.stdin.write(keys);
  }

  [Symbol.dispose](): void {
    this.#script.kill("SIGKILL");
  }
}
