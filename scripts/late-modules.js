/**
 * Builds one file of which parts are evaluated late (late-groups.js). esbuild puts all modules into one scope, each after what it
 * imports, without wrapping any: entries of groups are replaced by functions that forward to them, and
 * are included again behind everything else. What came in by them alone is then moved into one function for each group,
 * which sees the scope around it as before.
 */
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { build, transform } from "esbuild";

/** Prefix of what includes an entry itself. */
const REAL = "late-entry:";
/** What is bundled is called so. */
const PROGRAM = "late-program.js";
/** Call that ends a group in what esbuild writes. */
const END = "__lateEnd";

/**
 * @param {object} given
 * @param {import("esbuild").BuildOptions} given.options for one entry point; `banner` and `footer` go around the result;
 *   the banner defines `__apply`, which is Reflect.apply
 * @param {string} given.dist
 * @param {Readonly<Record<string, readonly string[]>>} given.groups
 * @returns {Promise<{ code: string, sizes: Record<string, number> }>} `sizes` in bytes, of each group and of the `core`
 */
export async function buildWithLateGroups({ options, dist, groups }) {
  const entries = entriesOf(dist, groups);
  const { entryPoints, banner, footer, plugins = [], ...rest } = options;
  const [main] = /** @type {string[]} */ (entryPoints);
  const result = await build({
    ...rest,
    stdin: { contents: program(main, entries), resolveDir: dist, sourcefile: PROGRAM },
    plugins: [lateImports(dist, entries), ...plugins],
    write: false,
    metafile: true,
    // Comments name the module that follows.
    minifyWhitespace: false,
  });
  const [file] = result.outputFiles;
  const graph = new Graph(result.metafile);
  const parts = split(file.text, graph, main, entries);
  const { code } = await transform([parts.core, ...parts.groups, parts.main].join("\n"), {
    minifyWhitespace: rest.minifyWhitespace,
    minifySyntax: rest.minifySyntax,
    charset: rest.charset,
    target: rest.target,
    legalComments: rest.legalComments,
  });
  return { code: `${banner?.js ?? ""}${code}${footer?.js ?? ""}`, sizes: parts.sizes };
}

/**
 * @typedef {object} Entry
 * @property {string} path
 * @property {string} name of the entry, for messages
 * @property {string} key unique
 * @property {number} group
 * @property {string[] | undefined} functions what it exports; undefined: other things too
 */

/** @returns {Map<string, Entry>} by path */
function entriesOf(dist, groups) {
  const entries = new Map();
  for (const [group, names] of Object.values(groups).entries()) {
    for (const name of names) {
      const path = join(dist, `${name}.js`);
      const key = `m${entries.size}`;
      entries.set(path, { path, name, key, group, functions: functionsOf(path) });
    }
  }
  return entries;
}

/** Of a module as tsc writes it. */
function functionsOf(path) {
  const functions = [];
  for (const [, name] of readFileSync(path, "utf8").matchAll(
    /^export (?!\{\};)(?:(?:async )?function\*? (\w+))?.*/gm,
  )) {
    if (name === undefined) return undefined;
    functions.push(name);
  }
  return functions;
}

/** What is bundled: the program, and the entries behind it, each with the names that its exports have in the end. */
function program(main, entries) {
  const lines = [`import ${JSON.stringify(main)};`];
  const ends = [];
  for (const { path, key, functions } of entries.values()) {
    const from = JSON.stringify(REAL + path);
    if (functions === undefined) lines.push(`import * as ${key} from ${from};`);
    else lines.push(`import { ${functions.map((f) => `${f} as ${key}_${f}`)} } from ${from};`);
    const exports = functions?.map((f) => `${key}_${f}`) ?? [key];
    ends.push(`${END}(${JSON.stringify(key)}, { ${exports} });`);
  }
  return [...lines, ...ends].join("\n");
}

/** Expression for what a group has made. */
const made = (group) => `__late${group}()`;

/** What `import()` of an entry resolves with. */
function namespaceOf({ group, key, functions }) {
  const members = functions?.map((f) => `${f}: ${made(group)}.${key}_${f}`).join(", ");
  return members === undefined ? `${made(group)}.${key}` : `({ ${members} })`;
}

/** @returns {import("esbuild").Plugin} */
function lateImports(dist, entries) {
  return {
    name: "late-imports",
    setup(api) {
      api.onResolve({ filter: new RegExp(`^${REAL}`) }, ({ path }) => ({
        path: path.slice(REAL.length),
      }));
      api.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
        const target = join(resolveDir, path);
        return entries.has(target)
          ? { path: relative(dist, target), namespace: "late" }
          : undefined;
      });
      // esbuild would wrap what is imported so, and all that it imports.
      api.onLoad({ filter: /\.js$/ }, ({ path }) => {
        if (!path.startsWith(dist)) return undefined;
        const text = readFileSync(path, "utf8");
        const contents = text.replace(/\bimport\("(\.[^"]+)"\)/g, (call, file) => {
          const entry = entries.get(join(dirname(path), file));
          return entry === undefined ? call : `Promise.resolve().then(() => ${namespaceOf(entry)})`;
        });
        return contents === text ? undefined : { contents };
      });
      api.onLoad({ filter: /.*/, namespace: "late" }, ({ path }) => {
        const { group, key, functions, name } = entries.get(join(dist, path));
        if (functions === undefined) {
          const text = `${name} exports more than functions: it can only be imported by import() (scripts/late-groups.js)`;
          return { errors: [{ text }] };
        }
        // Not by a spread, which asks the array for an iterator that user code may have replaced.
        const forward = (f) =>
          `export function ${f}() { return __apply(${made(group)}.${key}_${f}, void 0, arguments); }`;
        return { contents: functions.map(forward).join("\n") };
      });
    },
  };
}

/** Who imports whom, as esbuild saw it. */
class Graph {
  #inputs;

  /** @param {import("esbuild").Metafile} metafile */
  constructor(metafile) {
    this.#inputs = metafile.inputs;
  }

  has(module) {
    return Object.hasOwn(this.#inputs, module);
  }

  /** How the comment before a module names it. */
  nameOf(path) {
    return relative(process.cwd(), path).replaceAll("\\", "/");
  }

  /** With what is imported by way of others. */
  from(modules) {
    const reached = new Set(modules);
    for (const module of reached) {
      for (const { path, external } of this.#inputs[module]?.imports ?? []) {
        if (!external) reached.add(path);
      }
    }
    return reached;
  }
}

/** Cuts what esbuild wrote into modules, and puts together what belongs together. */
function split(text, graph, main, entries) {
  const owners = ownersOf(graph, main, entries);
  const bodies = new Map([...entries.values()].map(({ group }) => [group, []]));
  const core = [];
  const parts = { core, main: [], ends: [] };
  let target = core;
  const mainName = graph.nameOf(main);
  for (const line of text.split("\n")) {
    const module = line.startsWith("// ") ? line.slice(3) : "";
    if (module.endsWith(PROGRAM)) target = parts.ends;
    else if (module === mainName) target = parts.main;
    else if (graph.has(module)) target = bodies.get(owners.get(module)) ?? core;
    target.push(line);
  }
  const exports = new Map([...bodies.keys()].map((group) => [group, []]));
  const ends = parts.ends
    .join("\n")
    .matchAll(new RegExp(`${END}\\("(\\w+)", \\{([^}]*)\\}\\)`, "g"));
  const byKey = new Map([...entries.values()].map((entry) => [entry.key, entry]));
  for (const [, key, members] of ends) exports.get(byKey.get(key).group).push(members);
  const groups = [...bodies].map(([group, body]) => {
    const value = `__made${group}`;
    return `var ${value};
function __late${group}() { return ${value} ??= __make${group}(); }
function __make${group}() {
${body.join("\n")}
return { ${exports.get(group).join(",")} };
}`;
  });
  const sizes = { core: core.join("\n").length };
  for (const { group, name } of entries.values()) sizes[name] = bodies.get(group).join("\n").length;
  return { core: core.join("\n"), groups, main: parts.main.join("\n"), sizes };
}

/** Module -> its group; what the program itself imports, or several groups, has none. */
function ownersOf(graph, main, entries) {
  const atBoot = graph.from([graph.nameOf(main)]);
  const owners = new Map();
  const shared = new Set();
  const byGroup = new Map();
  for (const { group, path } of entries.values()) {
    byGroup.set(group, [...(byGroup.get(group) ?? []), graph.nameOf(path)]);
  }
  for (const [group, modules] of byGroup) {
    for (const module of graph.from(modules)) {
      if (atBoot.has(module)) continue;
      if (owners.has(module) || module.startsWith("captured:")) shared.add(module);
      owners.set(module, group);
    }
  }
  // What a shared module imports is shared too.
  for (const module of graph.from(shared)) owners.delete(module);
  if (process.env.LATE_REPORT) {
    console.log("shared:", [...graph.from(shared)].filter((m) => !atBoot.has(m)).join(" "));
    for (const { path, name } of entries.values())
      if (atBoot.has(graph.nameOf(path))) console.log("not late:", name);
  }
  return owners;
}
