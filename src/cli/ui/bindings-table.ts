/** What a Worker can reach: the table of spec/wrangler.md 1.5, with the reason when it cannot. */
import { blue, dim, green, red, yellow } from "kleur/colors";
import type { BindingRow, ResolvedConfig } from "../../config/types.ts";
import type { ConnectionRow } from "../../session/status.ts";
import { visibleWidth } from "./terminal.ts";

export interface TableOptions {
  /** Undefined for the only Worker of a session. */
  readonly name: string | undefined;
  readonly width: number;
  /** Only rows with one of the given connections: what has changed. */
  readonly onlyConnections?: boolean;
}

interface Row extends BindingRow {
  readonly connection: ConnectionRow | undefined;
}

/** Table and tail consumers of one Worker; "" if there is nothing to show. */
export function formatBindings(
  config: ResolvedConfig,
  connections: readonly ConnectionRow[],
  options: TableOptions,
): string {
  const { onlyConnections = false } = options;
  const rows = allRows(config, connections).filter(
    ({ connection }) => !onlyConnections || connection !== undefined,
  );
  const tails = connections.filter(({ kind }) => kind === "tail" || kind === "streaming-tail");
  const who = options.name === undefined ? "Your Worker" : blue(options.name);
  const blocks: string[] = [];
  if (rows.length > 0) {
    const title = onlyConnections ? `${who}:` : `${who} has access to the following bindings:`;
    blocks.push(`${title}\n${formatRows(rows, options.width)}`);
  }
  if (tails.length > 0) {
    const lines = tails.map((tail) => {
      const how = tail.kind === "streaming-tail" ? " (streaming)" : "";
      return `- ${tail.service}${how}${connectionSuffix(tail)}`;
    });
    blocks.push(`${who} is sending Tail events to the following Workers:\n${lines.join("\n")}`);
  }
  return blocks.join("\n\n");
}

/** Said once per session below the tables that show a connection. */
export const CONNECTION_FOOTER: string =
  "Service bindings, Durable Object bindings, and Tail consumers connect to Workers of this and of other sessions running locally, with their connection status indicated by [connected] or [not connected]. For more details, refer to https://developers.cloudflare.com/workers/runtime-apis/bindings/service-bindings/#local-development";

/** Resources that wrangler lists below the service bindings. */
const AFTER_SERVICES = new Set([
  "Analytics Engine Dataset",
  "Text Blob",
  "Browser Run",
  "Images",
  "Stream",
  "Media",
  "AI",
  "Pipeline",
  "Rate Limit",
  "Assets",
  "Worker Version Metadata",
  "Unsafe Metadata",
  "Environment Variable",
  "Wasm Module",
  "Dispatch Namespace",
  "mTLS Certificate",
  "Worker Loader",
]);

function allRows(config: ResolvedConfig, connections: readonly ConnectionRow[]): readonly Row[] {
  const connectionOf = (name: string, kind: ConnectionRow["kind"]) =>
    connections.find((row) => row.binding === name && row.kind === kind);
  const services = config.services.map(
    ({ binding, service, entrypoint }): Row => ({
      name: binding,
      value: entrypoint === undefined ? service : `${service}#${entrypoint}`,
      resource: "Worker",
      mode: "local",
      connection: connectionOf(binding, "service"),
    }),
  );
  const others = config.rows.map(
    (row): Row => ({
      ...row,
      connection:
        row.mode === "local"
          ? (connectionOf(row.name, "durable-object") ?? connectionOf(row.name, "queue"))
          : undefined,
    }),
  );
  const at = others.findIndex(({ resource }) => AFTER_SERVICES.has(resource));
  return at < 0
    ? [...others, ...services]
    : [...others.slice(0, at), ...services, ...others.slice(at)];
}

function formatRows(rows: readonly Row[], width: number): string {
  const cells = rows.map((row) => ({
    name: `env.${row.name}`,
    value: row.value === "" ? "" : dim(`(${row.value})`),
    resource: row.resource,
    mode: `${modeText(row.mode)}${row.connection === undefined ? "" : connectionState(row.connection)}`,
    reason: row.connection === undefined ? "" : reasonText(row.connection),
  }));
  const widest = (texts: readonly string[]) => Math.max(...texts.map(visibleWidth));
  const resource = widest(["Resource", ...cells.map((cell) => cell.resource)]);
  const mode = widest(["Mode", ...cells.map((cell) => cell.mode)]);
  const onOneLine = cells.map(({ name, value }) => (value === "" ? name : `${name} ${value}`));
  const wide = widest(["Binding", ...onOneLine]);
  const wraps = wide + resource + mode + 2 * 6 > width;
  const gap = wraps ? 4 : 6;
  const first = wraps ? widest(["Binding", ...cells.map(({ name }) => name)]) : wide;

  const lines = [
    `${pad(dim("Binding"), first + gap)}${pad(dim("Resource"), resource + gap)}${dim("Mode")}`,
  ];
  for (const [index, cell] of cells.entries()) {
    const head = wraps ? cell.name : (onOneLine[index] as string);
    lines.push(
      `${pad(head, first + gap)}${pad(cell.resource, resource + gap)}${cell.mode}${cell.reason}`,
    );
    if (wraps && cell.value !== "") lines.push(`  ${cell.value}`);
  }
  return lines.join("\n");
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - visibleWidth(text)));
}

function modeText(mode: BindingRow["mode"]): string {
  if (mode === "local") return blue("local");
  return mode === "remote" ? yellow("remote") : dim("not supported");
}

function connectionState({ connected }: ConnectionRow): string {
  return connected ? ` ${green("[connected]")}` : ` ${red("[not connected]")}`;
}

/** In brackets why not; what waits in a queue is no reason. */
function reasonText({ kind, reason }: ConnectionRow): string {
  if (reason === undefined) return "";
  return ` ${dim(kind === "queue" ? reason : `(${reason})`)}`;
}

function connectionSuffix(row: ConnectionRow): string {
  return `${connectionState(row)}${row.reason === undefined ? "" : ` ${dim(`(${row.reason})`)}`}`;
}
