/** `drover dev --explain-env`: where every variable comes from, and what it stands before. */
import { relative } from "node:path";
import { blue, dim } from "kleur/colors";
import { resolveConfigs } from "../../config/resolve.ts";
import type { ResolvedConfig, VariableOrigin } from "../../config/types.ts";
import { ExitCode } from "../../util/errors.ts";
import type { DevRequest } from "../request.ts";
import { formatColumns } from "../ui/columns.ts";
import type { Terminal } from "../ui/terminal.ts";

/** Values from var files and `--var` are not shown: they are secrets to the terminal. */
const HIDDEN = "(hidden)";
const MOST_SHOWN = 40;

/** @throws UserError as resolveConfigs */
export function explainEnv(
  { sources, flags }: Pick<DevRequest, "sources" | "flags">,
  terminal: Terminal,
): number {
  const cwd = flags.cwd ?? process.cwd();
  const blocks = resolveConfigs(sources, flags).map((config) => formatVariables(config, cwd));
  terminal.print(blocks.join("\n\n"));
  return ExitCode.ok;
}

export function formatVariables(
  { name, configPath, environment, variables }: ResolvedConfig,
  cwd: string,
): string {
  const about = [
    ...(configPath === undefined ? [] : [relative(cwd, configPath) || configPath]),
    ...(environment === undefined ? [] : [`environment ${environment}`]),
  ];
  const head = `${blue(name)}  ${dim(about.join(", "))}`;
  if (variables.length === 0) return `${head}\nNo variables.`;
  const rows = variables.map((variable) => {
    const places = variable.places.map((place) => describe(place, cwd)).reverse();
    const [inForce = "", ...others] = places;
    return [`env.${variable.name}`, shown(variable), inForce, others.join(", ")];
  });
  const hasOthers = rows.some(([, , , others]) => others !== "");
  return `${head}\n${formatColumns(["Variable", "Value", "From", hasOthers ? "Instead of" : ""], rows)}`;
}

function shown({ value }: VariableOrigin): string {
  if (value === undefined) return HIDDEN;
  const text = JSON.stringify(value);
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN - 3)}...`;
}

function describe(place: VariableOrigin["places"][number], cwd: string): string {
  if (typeof place === "string") return place;
  return `${relative(cwd, place.file) || place.file}:${place.line}`;
}
