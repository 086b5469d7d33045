import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runInit } from "../../../src/cli/commands/init.ts";
import { createTerminal } from "../../../src/cli/ui/terminal.ts";
import { tempProject } from "../../helpers/temp-project.ts";

function terminal() {
  let text = "";
  const stream = {
    write(chunk: string) {
      text += chunk;
    },
  };
  const output = createTerminal({ stdout: stream, stderr: stream, stdinIsTTY: false });
  return {
    output,
    text: () => {
      output.flush();
      return text;
    },
  };
}

test.each(["single", "two-workers", "assets"])(
  "copies the template %s and says what comes next",
  async (template) => {
    await using project = await tempProject();
    const { output, text } = terminal();
    const target = project.path("My App");
    expect(await runInit(target, template, output)).toBe(0);
    const manifest = JSON.parse(readFileSync(join(target, "package.json"), "utf8"));
    expect(manifest.name).toBe("my-app");
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(["dev", "smoke"]));
    expect(existsSync(join(target, ".gitignore"))).toBe(true);
    expect(existsSync(join(target, "gitignore"))).toBe(false);
    expect(text()).toMatch(/cd ".*My App"\n {2}npm link drover\n {2}npm run dev/);
  },
);

test("refuses a folder with something in it, and leaves it alone", async () => {
  await using project = await tempProject({ "notes.txt": "mine" });
  const { output } = terminal();
  expect(() => runInit(project.dir, "single", output)).toThrow(
    expect.objectContaining({ code: "INIT_NOT_EMPTY", exitCode: 2 }),
  );
  expect(existsSync(project.path("package.json"))).toBe(false);
});

test("a fresh git repository counts as empty", async () => {
  await using project = await tempProject({ ".git/HEAD": "ref: refs/heads/main" });
  expect(await runInit(project.dir, "single", terminal().output)).toBe(0);
});

test("a folder that cannot be made is the user's to mend", async () => {
  await using project = await tempProject({ file: "mine" });
  expect(() => runInit(project.path("file/app"), "single", terminal().output)).toThrow(
    expect.objectContaining({ code: "INIT_NOT_WRITABLE", exitCode: 2 }),
  );
});

test("an unknown template is refused with the names that there are", async () => {
  await using project = await tempProject();
  expect(() => runInit(project.path("a"), "three", terminal().output)).toThrow(
    expect.objectContaining({
      code: "INIT_TEMPLATE",
      hint: "There are: assets, d1, durable-objects, queue, single, testing, two-workers.",
    }),
  );
});
