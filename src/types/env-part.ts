/** The text of the Env part, for the file and for the terminal (spec/devtools-types.md 6). */
import type { Member } from "./environment-types.ts";

export interface EnvPart {
  /** As it stands in the file, without a newline at the end. */
  readonly file: string;
  /** As it is shown. */
  readonly shown: string;
}

/** Everything that the Env part is made from. */
export interface EnvModel {
  readonly format: "modules" | "service-worker";
  readonly interfaceName: string;
  /** Import path of the entry; undefined: no `mainModule`. */
  readonly mainModule: string | undefined;
  readonly durableNamespaces: readonly string[];
  readonly members: readonly Member[];
  /** Interfaces of named environments; empty if one was asked for. */
  readonly environments: readonly { readonly name: string; readonly members: readonly Member[] }[];
  /** Whether vars and secrets are in `process.env`. */
  readonly populatesProcessEnv: boolean;
  /** Declarations of modules for the file, and those that are shown. */
  readonly modules: readonly string[];
  readonly shownModules: readonly string[];
}

const STRINGIFY = `type StringifyValues<EnvType extends Record<string, unknown>> = {
	[Binding in keyof EnvType]: EnvType[Binding] extends string ? EnvType[Binding] : string;
};`;

export function writeEnvPart(model: EnvModel): EnvPart {
  const { modules, shownModules } = model;
  if (model.format === "service-worker") {
    const constants = model.members.map((member) => `const ${line(member)}`);
    const shown = constants.map((text) => `\t${text}\n`).join("");
    return {
      file: [...constants.map((text) => `declare ${text}`), ...modules].join("\n"),
      shown: ["export {};", `declare global {\n${shown}}`, ...shownModules].join("\n"),
    };
  }
  const declarations = moduleWorker(model);
  return {
    file: [declarations, ...modules].join("\n"),
    shown: [declarations, ...shownModules].join("\n"),
  };
}

function moduleWorker(model: EnvModel): string {
  const { interfaceName: name, environments, members } = model;
  const base = `__BaseEnv_${name}`;
  const namespace = [
    ...globalProps(model),
    ...environments.map((environment) => environmentInterface(environment)),
    `\tinterface Env extends ${base} {}`,
  ];
  const variables = members.filter(({ isVariable }) => isVariable).map((member) => member.name);
  const parts = [
    `interface ${base} {\n${members.map((member) => `\t${line(member)}\n`).join("")}}`,
    `declare namespace Cloudflare {\n${namespace.join("\n")}\n}`,
    `interface ${name} extends ${base} {}`,
  ];
  if (model.populatesProcessEnv && variables.length > 0) {
    const names = variables.map((variable) => JSON.stringify(variable)).join(" | ");
    parts.push(
      STRINGIFY,
      `declare namespace NodeJS {\n\tinterface ProcessEnv extends StringifyValues<Pick<Cloudflare.Env, ${names}>> {}\n}`,
    );
  }
  return parts.join("\n");
}

function globalProps({ mainModule, durableNamespaces }: EnvModel): string[] {
  const lines = [
    ...(mainModule === undefined ? [] : [`mainModule: typeof import("${mainModule}");`]),
    ...(durableNamespaces.length === 0
      ? []
      : [`durableNamespaces: ${durableNamespaces.map((name) => `"${name}"`).join(" | ")};`]),
  ];
  if (lines.length === 0) return [];
  return ["\tinterface GlobalProps {", ...lines.map((text) => `\t\t${text}`), "\t}"];
}

function environmentInterface({ name, members }: EnvModel["environments"][number]): string {
  if (members.length === 0) return `\tinterface ${name} {}`;
  return `\tinterface ${name} {\n${members.map((member) => `\t\t${line(member)}\n`).join("")}\t}`;
}

function line({ name, type, optional }: Member): string {
  const key = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name);
  return `${key}${optional ? "?" : ""}: ${type};`;
}
