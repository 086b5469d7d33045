import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { EXAMPLES } from "../../src/cli/examples.ts";
import { bin, runDrover } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/* `drover completion`, `drover doctor`, and the examples of `--help`. */
const SCRIPT = execFileSync(process.execPath, [bin, "completion", "bash"], { encoding: "utf8" });

/** What bash itself makes of the script; the cursor stands at the end. */
function complete(line: string, cwd: string): string[] {
  const words = line.split(" ").map((word) => `'${word}'`);
  const call = `COMP_WORDS=(${words.join(" ")}); COMP_CWORD=${words.length - 1}; _drover; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync("bash", ["-c", `${SCRIPT}\n${call}`], { cwd, encoding: "utf8" });
  return output.split("\n").filter((word) => word !== "");
}

test("bash completes commands, flags, values and files", async () => {
  await using files = await tempProject({ "wrangler.toml": "" });
  const { dir } = files;
  expect(complete("drover d", dir)).toEqual(["dev", "doctor", "d1"]);
  expect(complete("drover d1 migrations ", dir)).toContain("apply");
  expect(complete("drover dev --log-l", dir)).toEqual(["--log-level"]);
  expect(complete("drover dev --log-level ", dir)).toEqual([
    "debug",
    "info",
    "log",
    "warn",
    "error",
    "none",
  ]);
  const templates = new URL("../../templates/", import.meta.url);
  expect(complete("drover init --template ", dir).sort()).toEqual(readdirSync(templates).sort());
  // As bash breaks --log-level=e and --log-level=.
  expect(complete("drover dev --log-level = e", dir)).toEqual(["error"]);
  expect(complete("drover dev --log-level =", dir)).toContain("debug");
  expect(complete("drover dev -c wr", dir)).toEqual(["wrangler.toml"]);
  // Words of other commands are none of this one's.
  expect(complete("drover status d", dir)).toEqual([]);
});

/** A zsh in a pseudo-terminal, in which somebody writes the first argument and asks; prints what it shows. */
const ZSH = `
zmodload zsh/zpty
zpty -b z env TERM=vt100 zsh -f -i
shown=
until_shown() {
  local n=300 out
  while (( n-- > 0 )) && [[ $shown != *$1* ]]; do
    sleep 0.05
    while zpty -rt z out 2>/dev/null; do shown+=$out; done
  done
}
zpty -w z "PS1=; fpath=($PWD/fpath \\$fpath); autoload -U compinit; compinit -u -D; drover() {}; setopt nolistbeep; print rea''dy"
until_shown ready
shown=
zpty -w -n z "$1"$'\\t\\t'
until_shown "$2"
print -r -- "$shown"
zpty -d z
`;

/** Shells are not on every machine; where they are, they say themselves what they make of the scripts. */
function isThere(shell: string): boolean {
  return spawnSync(shell, ["-c", "exit"]).status === 0;
}

test("zsh and fish have scripts, other shells are refused", async () => {
  const { stdout: zsh } = await runDrover(["completion", "zsh"]);
  expect(zsh).toMatch(/^#compdef drover\n/);
  expect(zsh).toContain("'--log-level=[what is printed (default\\: log)]");
  const { stdout: fish } = await runDrover(["completion", "fish"]);
  expect(fish).toContain("-l config -s c -r -d 'config of a Worker");
  expect(fish).toContain("-a 'text mermaid json'");
  if (isThere("fish")) {
    await using files = await tempProject({ "drover.fish": fish });
    const ask = (line: string) =>
      execFileSync("fish", ["--no-config", "-c", `source drover.fish; complete -C '${line}'`], {
        cwd: files.dir,
        encoding: "utf8",
        // Of commands that are not there nothing is completed.
        env: { ...process.env, PATH: `${dirname(bin)}:${process.env.PATH}` },
      });
    expect(ask("drover d")).toMatch(/^dev\trun Workers/m);
    expect(ask("drover dev --log-l")).toBe("--log-level\twhat is printed (default: log)\n");
    expect(ask("drover dev --log-level ")).toMatch(/^none\t/m);
    expect(ask("drover d1 migrations ")).toMatch(/^apply\t/m);
  }
  if (isThere("zsh")) {
    await using files = await tempProject({ "fpath/_drover": zsh, "ask.zsh": ZSH });
    const ask = (line: string, until: string) =>
      execFileSync("zsh", ["-f", "ask.zsh", line, until], { cwd: files.dir, encoding: "utf8" });
    expect(ask("drover d", "SQL and")).toMatch(/dev +-- run Workers/);
    expect(ask("drover dev --log-l", "evel")).toMatch(/--log-l.*evel/s);
    expect(ask("drover dev --log-level ", "none")).toMatch(/debug +error +info/);
  }
  const { code, stderr } = await runDrover(["completion", "tcsh"]);
  expect(code).toBe(2);
  expect(stderr).toContain("bash, zsh, fish");
});

test("doctor names what is there, who holds a port, and what of a config will differ", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await using files = await tempProject({
    "wrangler.json": config("api", {
      workflows: [{ binding: "W", name: "w", class_name: "W" }],
      dev: { port, inspector_port: 0 },
    }),
    "src/index.ts": "export default {}",
    "broken.toml": "name = ",
  });
  const { code, stdout } = await runDrover(["doctor"], { cwd: files.dir });
  server.close();
  expect(code).toBe(0);
  expect(stdout).toMatch(/^✓ drover +\d/);
  expect(stdout).toContain(process.version);
  expect(stdout).toMatch(/✓ SQLite +\S*sqlite/);
  const holder = process.platform === "linux" ? ` by process ${process.pid}` : "";
  expect(stdout).toContain(`▲ port ${port}`);
  expect(stdout).toContain(`taken${holder}`);
  expect(stdout).toMatch(/✓ local state +none yet \.wrangler\/state\/v3/);
  expect(stdout).toMatch(/▲ api +wrangler\.json, compatibility date/);
  expect(stdout).toContain("workflows (W): Workflow is not simulated yet");

  const broken = await runDrover(["doctor", "-c", "broken.toml"], { cwd: files.dir });
  expect(broken.code).toBe(1);
  expect(broken.stdout).toMatch(/✘ configs +broken\.toml:1:/);
});

test.each(Object.entries(EXAMPLES))(
  "the help of %s has examples with flags that there are",
  async (command, examples) => {
    const { code, stdout } = await runDrover([...command.split(" "), "--help"]);
    expect(code).toBe(0);
    for (const example of examples) {
      expect(stdout).toContain(`  ${example}\n`);
      expect(example).toContain(`drover ${command}`);
      const [help = ""] = stdout.split("\nExamples:");
      for (const [flag] of example.matchAll(/(?<= )--?[a-z][a-z-]*/g)) expect(help).toContain(flag);
    }
  },
);
