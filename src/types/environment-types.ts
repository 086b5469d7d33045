/** The members of `env`: of one environment, or merged over all of them (spec/devtools-types.md 6). */
import type { FoundBinding } from "../config/bindings.ts";
import type { EnvironmentView } from "../config/config-view.ts";
import { LATER_TYPES, PLAIN_TYPES, type TypeContext } from "./binding-types.ts";
import { varType } from "./var-types.ts";

export interface Member {
  readonly name: string;
  readonly type: string;
  /** A var or secret: part of `process.env`. */
  readonly isVariable: boolean;
  readonly optional: boolean;
}

/** In the order of the file: kind by kind, each in the order of the config. */
export function membersOf(
  view: EnvironmentView,
  context: TypeContext,
  strictVars: boolean,
): Member[] {
  const { bindings } = view;
  const typed = (kinds: typeof PLAIN_TYPES): Member[] =>
    kinds.flatMap(([key, type]) =>
      bindings.filter(({ kind }) => kind.key === key).map((binding) => member(binding, type)),
    );
  const member = ({ name, item }: FoundBinding, type: (typeof PLAIN_TYPES)[number][1]): Member => ({
    name,
    type:
      typeof type === "string" ? type : type(item as Readonly<Record<string, unknown>>, context),
    isVariable: false,
    optional: false,
  });
  const variable = { isVariable: true, optional: false };
  const secrets = new Set(view.secrets);
  const vars = bindings
    .filter(({ kind, name }) => kind.key === "vars" && !secrets.has(name))
    .map(({ name, item }) => ({ name, type: varType(item, strictVars), ...variable }));
  return [
    ...typed(PLAIN_TYPES),
    ...vars,
    ...[...secrets].map((name) => ({ name, type: "string", ...variable })),
    ...typed(LATER_TYPES),
  ];
}

/**
 * The union over environments, the top level last: every type that a member has somewhere, optional
 * unless it is everywhere.
 */
export function mergeMembers(environments: readonly (readonly Member[])[]): Member[] {
  const merged = new Map<string, { types: Set<string>; isVariable: boolean; count: number }>();
  for (const { name, type, isVariable } of environments.flat()) {
    const found = merged.get(name) ?? { types: new Set(), isVariable, count: 0 };
    found.types.add(type);
    merged.set(name, { ...found, count: found.count + 1 });
  }
  return [...merged].map(([name, { types, isVariable, count }]) => ({
    name,
    type: [...types].join(" | "),
    isVariable,
    optional: count < environments.length,
  }));
}
