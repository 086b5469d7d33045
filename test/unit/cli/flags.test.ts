import { Command } from "commander";
import { describe, expect, test, vi } from "vitest";
import { normaliseArguments } from "../../../src/cli/arguments.ts";
import { addDevFlags } from "../../../src/cli/options.ts";
import { createDevRequest } from "../../../src/cli/request.ts";
import { tempProject } from "../../helpers/temp-project.ts";

/** What `drover dev <args>` understands. */
function parse(...args: string[]) {
  let script: string | undefined;
  const command = addDevFlags(new Command("dev").argument("[script]").exitOverride())
    .configureOutput({ writeErr: () => {}, writeOut: () => {} })
    .action((value: string | undefined) => {
      script = value;
    });
  command.parse(normaliseArguments(args).args, { from: "user" });
  return { script, values: command.opts<Record<string, unknown>>() };
}

describe("flags of dev", () => {
  test("are wrangler's, and unsaid ones stay undefined", () => {
    const { script, values } = parse("src/index.ts");
    expect(script).toBe("src/index.ts");
    expect(values).toEqual({});
  });

  test.each<[string[], Record<string, unknown>]>([
    [["-c", "a.toml", "-c", "b.jsonc@staging"], { config: ["a.toml", "b.jsonc@staging"] }],
    [["--config=a.toml"], { config: ["a.toml"] }],
    [["--port", "0", "--inspector-port=0"], { port: 0, inspectorPort: 0 }],
    [["--inspectorPort", "9229"], { inspectorPort: 9229 }],
    [["--var", "A:1", "B:2", "--var", "C:3"], { var: ["A:1", "B:2", "C:3"] }],
    [["--compatibility-flag", "nodejs_compat"], { compatibilityFlags: ["nodejs_compat"] }],
    [["--route", "a.test/*"], { routes: ["a.test/*"] }],
    [["--no-bundle"], { bundle: false }],
    [["--minify=false", "--latest", "true"], { minify: false, latest: true }],
    [["--show-interactive-dev-session=false"], { showInteractiveDevSession: false }],
    [["--no-registry", "--strict"], { registry: false, strict: true }],
    [["-e", "staging", "-l"], { env: "staging", local: true }],
    [
      ["--x-provision", "--no-x-auto-create"],
      { experimentalProvision: true, experimentalAutoCreate: false },
    ],
  ])("%j", (args, expected) => {
    expect(parse(...args).values).toEqual(expected);
  });

  test.each([
    ["--prot", "1"],
    ["--limits", "some"],
    ["--port", "web"],
    ["--port", "70000"],
  ])("%s %s is refused", (...args) => {
    expect(() => parse(...args)).toThrow();
  });

  test("flags that do nothing are named in one warning; harmless ones are not", async () => {
    const given = ["--persist-to", ".data", "--live-reload", "--tunnel", "--local"];
    const { values } = parse("-c", "a.toml", ...given);
    const [warning, ...rest] = (await createDevRequest(undefined, values)).warnings;
    expect(rest).toEqual([]);
    expect(warning).not.toContain("--persist-to");
    expect(warning).not.toContain("--live-reload");
    expect(warning).toContain("--tunnel");
    expect(warning).not.toContain("--local:");
  });

  test.each(["--remote", "--node-compat"])("%s is refused with a reason", async (flag) => {
    const { values } = parse("-c", "a.toml", flag);
    await expect(createDevRequest(undefined, values)).rejects.toThrow(/supported/);
  });

  test("configs keep their order and their own environments", async () => {
    const { values } = parse("-c", "a.toml", "-c", "b.jsonc@staging", "--env", "dev");
    const request = await createDevRequest(undefined, values);
    expect(request.sources).toEqual([
      { path: "a.toml" },
      { path: "b.jsonc", environment: "staging" },
    ]);
    expect(request.flags.env).toBe("dev");
  });

  test("a script without a config is its own source", async () => {
    const { script, values } = parse("src/index.ts", "--name", "x");
    const request = await createDevRequest(script, values);
    expect(request.sources).toEqual([{ script: "src/index.ts" }]);
    expect(request.flags).toMatchObject({ script: "src/index.ts", name: "x" });
  });
});

test("the command's own environment comes from .env files of the working directory, too", async () => {
  await using project = await tempProject({
    ".env": "WRANGLER_LOG=debug\nCLOUDFLARE_ENV=staging\nPATH=/nowhere",
  });
  const cwd = vi.spyOn(process, "cwd").mockReturnValue(project.dir);
  try {
    const request = await createDevRequest(undefined, parse("-c", "a.toml").values);
    expect(request.logLevel).toBe("debug");
    expect(request.flags.processEnv).toMatchObject({
      CLOUDFLARE_ENV: "staging",
      PATH: process.env.PATH,
    });
  } finally {
    cwd.mockRestore();
  }
});
