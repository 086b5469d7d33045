import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

const WORKER = `
import { name } from "./name";
import text from "./text.txt";
export default {
  async fetch(request: Request, env: any): Promise<Response> {
    const found = "found";
    const { default: module } = await import("./more/" + found + ".mjs");
    const asset = await env.ASSETS.fetch("http://x/asset.txt");
    return Response.json([name, text, module, await asset.text()]);
  },
};
`;

test("a folder whose name reads like a pattern of files is a folder like any other", async () => {
  const folder = "*/a*b?[c]{d,e}(f)!+@%20#";
  const settings = {
    assets: { directory: "public", binding: "ASSETS" },
    find_additional_modules: true,
    rules: [{ type: "ESModule", globs: ["**/*.mjs"] }],
  };
  const contents = (version: number): Record<string, string> => ({
    "src/name.ts": `export const name = "name ${version}";`,
    "src/text.txt": `text ${version}`,
    "src/more/found.mjs": `export default "module ${version}";`,
    "public/asset.txt": `asset ${version}`,
  });
  await using project = await tempProject();
  const write = (path: string, text: string) => project.write(`${folder}/${path}`, text);
  await write("wrangler.json", config("odd", settings));
  await write("src/index.ts", WORKER);
  for (const [path, text] of Object.entries(contents(1))) await write(path, text);
  await using dev = await runDev([], { cwd: project.path(folder) });
  const expected = ["name 1", "text 1", "module 1", "asset 1"];
  expect(await (await dev.fetch("/")).json()).toEqual(expected);
  for (const [at, [path, text]] of Object.entries(contents(2)).entries()) {
    await write(path, text);
    expected[at] = String(expected[at]).replace("1", "2");
    await eventually(async () => expect(await (await dev.fetch("/")).json()).toEqual(expected));
  }
});
