/**
 * Takes imports of text, data and wasm files out of the bundle: each becomes a BundleModule that
 * the bundled code imports as "./<sha1>-<name>" (spec/wrangler.md 4.6).
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, isAbsolute, relative, resolve, sep } from "node:path";
import type { OnResolveArgs, PartialMessage, Plugin, PluginBuild } from "esbuild";
import type { BundleModule } from "../../protocol/bundle.ts";
import { messageOf } from "../../util/errors.ts";
import type { Import } from "../lookups/lookups.ts";
import {
  type ActiveRule,
  describeRule,
  isScriptRule,
  type RuleSet,
  specifierFilter,
  stripQuery,
} from "../module-rules.ts";

const OWN = Symbol("rule-modules");

/** What one build collected; emptied at the start of the next. */
export interface CollectedModules {
  /** By `name`. */
  readonly modules: Map<string, BundleModule>;
  /** Absolute paths that were read or looked for. */
  readonly files: Set<string>;
  /** The imports that they come from. */
  readonly imports: Import[];
}

export interface RuleModulesOptions {
  readonly rules: RuleSet;
  /** Globs with folders are relative to either of these. */
  readonly folders: readonly string[];
  readonly preserveFileNames: boolean;
  /** Folder of the entry: preserved names are relative to it, as the bundle's imports are. */
  readonly entryFolder: string;
}

export function ruleModulesPlugin(
  options: RuleModulesOptions,
  collected: CollectedModules,
): Plugin {
  const active = options.rules.active.filter((rule) => !isScriptRule(rule));
  const dropped = options.rules.dropped.filter((rule) => !isScriptRule(rule));
  return {
    name: "drover-rule-modules",
    setup(build) {
      build.onStart(() => {
        collected.modules.clear();
        collected.files.clear();
        collected.imports.length = 0;
      });
      const filter = specifierFilter([...active, ...dropped]);
      if (filter === undefined) return;
      build.onResolve({ filter }, async (args) => {
        if (args.pluginData === OWN || args.kind === "entry-point") return undefined;
        const file = await locate(build, args);
        const rule = findRule(active, args, file, options.folders);
        if (rule === undefined) {
          const ignored = findRule(dropped, args, file, options.folders);
          return ignored && { errors: [droppedRuleError(args.path, ignored)] };
        }
        collected.files.add(file);
        collected.imports.push({ specifier: args.path, folder: args.resolveDir });
        try {
          const module = await readModule(file, rule, args.path, options);
          collected.modules.set(module.name, module);
          return { path: module.name, external: true, watchFiles: [file] };
        } catch (error) {
          const text = `Could not read ${JSON.stringify(args.path)}: ${messageOf(error)}`;
          return { errors: [{ text, pluginName: "" }] };
        }
      });
    },
  };
}

/** The absolute file that a specifier means, or would mean if it were there. */
async function locate(build: PluginBuild, args: OnResolveArgs): Promise<string> {
  const specifier = stripQuery(args.path);
  const { kind, importer, resolveDir } = args;
  const found = await build.resolve(specifier, { kind, importer, resolveDir, pluginData: OWN });
  if (found.errors.length === 0 && isAbsolute(found.path)) return found.path;
  return resolve(resolveDir, specifier);
}

function findRule(
  rules: readonly ActiveRule[],
  args: OnResolveArgs,
  file: string,
  folders: readonly string[],
): ActiveRule | undefined {
  const candidates = [
    stripQuery(args.path).replace(/^(?:\.{1,2}\/)+/, ""),
    ...folders.map((folder) => relative(folder, file).replaceAll(sep, "/")),
  ];
  return rules.find((rule) => candidates.some((path) => rule.matches(path)));
}

async function readModule(
  file: string,
  { kind }: ActiveRule,
  specifier: string,
  options: RuleModulesOptions,
): Promise<BundleModule> {
  const bytes = await readFile(file);
  const contents = kind === "text" ? bytes.toString("utf8") : new Uint8Array(bytes);
  return { name: moduleName(file, bytes, specifier, options), kind, contents };
}

function moduleName(
  file: string,
  bytes: Uint8Array,
  specifier: string,
  { preserveFileNames, entryFolder }: RuleModulesOptions,
): string {
  if (preserveFileNames) {
    if (!specifier.startsWith(".")) return stripQuery(specifier);
    // Relative to the importer no more: two folders may each have a "./query.sql".
    const path = relative(entryFolder, file).replaceAll(sep, "/");
    return path.startsWith("../") ? path : `./${path}`;
  }
  const sha1 = createHash("sha1").update(bytes).digest("hex");
  // Names are resolved as URLs: what would start a query or fragment is replaced.
  return `./${sha1}-${basename(file).replace(/[?#%]/g, "_")}`;
}

function droppedRuleError(specifier: string, { rule }: ActiveRule): PartialMessage {
  return {
    text: `The file ${specifier} matched a module rule in your configuration (${describeRule(rule)}), but was ignored because a previous rule with the same type was not marked as \`fallthrough = true\`.`,
    pluginName: "",
  };
}
