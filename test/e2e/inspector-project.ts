import { request } from "node:http";
import { generatedPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { connectDevTools, type DevToolsClient, type Params } from "../helpers/devtools-client.ts";
import { descendants } from "../helpers/process-tree.ts";
import { type RunDevOptions, type RunningDev, runDev } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/** Workers and clients of the tests of `drover dev`'s inspector. */

export const LINES = [
  'import { greeting } from "./greeting.ts";',
  "const started: string = greeting();",
  "export default {",
  "  async fetch(request: Request): Promise<Response> {",
  "    const path: string = new URL(request.url).pathname;",
  '    console.log("asked for", path, { deep: { value: 1 } });',
  '    const answer = started + " " + path;',
  "    return new Response(answer);",
  "  },",
  "};",
];
export const HANDLER = "const answer";
export const TOP_LEVEL = "const started";

export const source = (...more: string[]): string => [...more, ...LINES, ""].join("\n");

export function project(names: readonly string[] = ["api"]): Promise<TempProject> {
  const files = names.flatMap((name) => [
    [`${name}/wrangler.json`, config(name)],
    [`${name}/src/index.ts`, source()],
    [`${name}/src/greeting.ts`, 'export const greeting = (): string => "v1";\n'],
  ]);
  return tempProject(Object.fromEntries(files));
}

export async function start(
  files: TempProject,
  names: readonly string[] = ["api"],
  { args = [], ...options }: RunDevOptions = {},
): Promise<RunningDev> {
  return await runDev(
    names.map((name) => `${name}/wrangler.json`),
    { cwd: files.dir, ...options, args: ["--inspector-port", "0", "--inspect", ...args] },
  );
}

/** `127.0.0.1:PORT` of the inspector. */
export const hostOf = (dev: RunningDev): string =>
  /Debugger listening on ws:\/\/(\S+?)\//.exec(dev.output)?.[1] as string;

export const connect = (dev: RunningDev, name = "api"): Promise<DevToolsClient> =>
  connectDevTools(`ws://${hostOf(dev)}/${name}`);

export async function attach(dev: RunningDev, name = "api"): Promise<DevToolsClient> {
  const client = await connect(dev, name);
  await client.send("Runtime.enable");
  await client.send("Debugger.enable");
  return client;
}

/** The script of the Worker and its map, as the newest `scriptParsed` tells them. */
export async function bundleOf(client: DevToolsClient): Promise<{ url: string; map: TraceMap }> {
  const { url, sourceMapURL } = await client.waitFor("Debugger.scriptParsed", (params) =>
    String(params.sourceMapURL).startsWith("data:"),
  );
  const base64 = String(sourceMapURL).split("base64,")[1] as string;
  return { url: String(url), map: new TraceMap(Buffer.from(base64, "base64").toString("utf8")) };
}

/** Sets a breakpoint at a line of a `.ts` file, as clients do: by its place in the bundle. */
export async function breakAt(client: DevToolsClient, text: string): Promise<string> {
  const { url, map } = await bundleOf(client);
  const at = map.sources.findIndex((name) => name?.endsWith("/src/index.ts"));
  const lines = String(map.sourcesContent?.[at]).split("\n");
  const line = lines.findIndex((it) => it.includes(text)) + 1;
  const found = generatedPositionFor(map, {
    source: map.sources[at] as string,
    line,
    column: lines[line - 1]?.search(/\S/) ?? 0,
  });
  const { breakpointId } = await client.send("Debugger.setBreakpointByUrl", {
    url,
    lineNumber: (found.line as number) - 1,
    columnNumber: found.column,
  });
  return String(breakpointId);
}

export const hit = (client: DevToolsClient, breakpoint: string): Promise<Params> =>
  client.waitFor("Debugger.paused", ({ hitBreakpoints }) =>
    (hitBreakpoints as string[]).includes(breakpoint),
  );

export const text = async (response: Promise<{ text(): Promise<string> }>): Promise<string> =>
  await (await response).text();

export async function evaluate(client: DevToolsClient, paused: Params, expression: string) {
  const [{ callFrameId }] = paused.callFrames as [{ callFrameId: string }];
  const { result } = await client.send("Debugger.evaluateOnCallFrame", { callFrameId, expression });
  return (result as Params).value;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export function get(
  dev: RunningDev,
  path: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const [hostname, port] = hostOf(dev).split(":") as [string, string];
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.on("error", reject).end();
  });
}

export const getJson = async (dev: RunningDev, path: string) =>
  JSON.parse((await get(dev, path)).body);

export async function hostsOf(dev: RunningDev): Promise<number[]> {
  return (await descendants(dev.child.pid as number))
    .filter(({ command }) => command.includes("host.cjs"))
    .map(({ pid }) => pid);
}
