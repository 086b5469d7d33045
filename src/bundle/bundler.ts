/**
 * The bundler of one Worker, in the session process: owns its esbuild context and its custom build
 * command. session/ calls `build()` at start and after each batch of changed files, and watches
 * `inputs()`. One bundler serves one ResolvedConfig; a changed config gets a new one.
 */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type {
  BuildContext,
  BuildFailure as EsbuildFailure,
  BuildResult as EsbuildResult,
} from "esbuild";
import type { ResolvedConfig } from "../config/types.ts";
import type { BundleModule } from "../protocol/bundle.ts";
import { messageOf } from "../util/errors.ts";
import { describeExtra, findModules, readModule } from "./additional-modules.ts";
import {
  type BuildResult,
  describeFailure,
  describeWarnings,
  type FailureText,
  plainFailure,
} from "./build-result.ts";
import { hashModules } from "./bundle-hash.ts";
import { bundledOutput } from "./bundled-output.ts";
import { type CustomBuild, createCustomBuild, type OutputListener } from "./custom-build.ts";
import { entryName, esbuildOptions, type WorkerBuildOptions } from "./esbuild-options.ts";
import { currentEsbuild, hasLostEsbuild, loadEsbuild, replaceEsbuild } from "./esbuild-service.ts";
import {
  type BuildInputs,
  type BuildTrace,
  collectInputs,
  EMPTY_TRACE,
  failedTrace,
  metafileTrace,
} from "./inputs.ts";
import { type RuleSet, resolveRules } from "./module-rules.ts";
import { nodeEnvironment } from "./node/environment.ts";
import { type NodeCompatMode, nodeCompatMode } from "./node/mode.ts";
import { aliasPlugin } from "./plugins/alias.ts";
import { foundModulesPlugin } from "./plugins/found-modules.ts";
import { nodeBuiltinsPlugin } from "./plugins/node-builtins.ts";
import { injectedFiles, nativeNames, nodeModulesPlugin } from "./plugins/node-modules.ts";
import { type CollectedModules, ruleModulesPlugin } from "./plugins/rule-modules.ts";
import { siteManifestModule, siteManifestPlugin } from "./plugins/site-manifest.ts";
import { serviceWorkerEntry } from "./service-worker.ts";

export interface BundlerOptions {
  /**
   * esbuild's target. Default es2024, which lowers what this Node's V8 lacks as well (`using`,
   * decorators); user code runs in the same V8.
   */
  readonly target?: string | readonly string[];
  /** Each line that the custom build command prints, as it prints it. */
  readonly onCustomBuildOutput?: OutputListener;
}

export interface Bundler extends AsyncDisposable {
  /**
   * Builds from what is on disk now. Single-flight: a call during a build queues exactly one more,
   * and all calls meanwhile share its result. Never rejects; a disposed bundler answers a failure.
   */
  build(): Promise<BuildResult>;
  /**
   * What the last build depended on, good or not, for `Watcher.update`. Worked out when it is first
   * asked for after a build, so that nothing of it is in the way of a reload.
   */
  inputs(): BuildInputs;
}

export function createBundler(config: ResolvedConfig, options: BundlerOptions = {}): Bundler {
  return new WorkerBundler(config, options);
}

/** A build's outcome before times are added. */
type Outcome =
  | {
      ok: true;
      modules: BundleModule[];
      warnings: string[];
      exports: readonly string[] | undefined;
    }
  | ({ ok: false } & FailureText);

class WorkerBundler implements Bundler {
  readonly #config: ResolvedConfig;
  readonly #rules: RuleSet;
  readonly #customBuild: CustomBuild | undefined;
  readonly #mode: NodeCompatMode;
  readonly #target: string | readonly string[];
  #esbuildOptions: Promise<WorkerBuildOptions> | undefined;
  readonly #collected: CollectedModules = {
    modules: new Map(),
    files: new Set(),
    imports: [],
  };
  /** Absolute file -> name, of the last walk; the plugin reads it. */
  readonly #found = new Map<string, string>();
  /** What is said of scripts that wrangler would leave behind. */
  #extra: string | undefined;
  #context: Promise<BuildContext<WorkerBuildOptions>> | undefined;
  /** esbuild's child process that holds the context. */
  #service = 0;
  #trace: BuildTrace = EMPTY_TRACE;
  /** Of `#trace`; undefined until somebody asks. */
  #inputs: BuildInputs | undefined;
  #running: Promise<BuildResult> | undefined;
  #queued: Promise<BuildResult> | undefined;
  #disposed = false;

  constructor(config: ResolvedConfig, options: BundlerOptions) {
    this.#config = config;
    this.#rules = resolveRules(config.rules, config.noBundle);
    this.#customBuild =
      config.build && createCustomBuild(config.build, options.onCustomBuildOutput ?? (() => {}));
    this.#mode = nodeCompatMode(config.compatibilityDate, config.compatibilityFlags);
    this.#target = options.target ?? "es2024";
  }

  build(): Promise<BuildResult> {
    if (this.#queued !== undefined) return this.#queued;
    if (this.#running === undefined) return this.#start();
    this.#queued = this.#running.then(() => {
      this.#queued = undefined;
      return this.#start();
    });
    return this.#queued;
  }

  inputs(): BuildInputs {
    this.#inputs ??= collectInputs(this.#config, this.#trace);
    return this.#inputs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#customBuild?.[Symbol.asyncDispose]();
    const context = await this.#context?.catch(() => undefined);
    await context?.cancel();
    await context?.dispose();
    await this.#running;
  }

  #start(): Promise<BuildResult> {
    const running = this.#build().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #build(): Promise<BuildResult> {
    const startedAt = Date.now();
    const start = performance.now();
    const outcome = await this.#run();
    const ms = performance.now() - start;
    if (!outcome.ok) return { ...outcome, ms, startedAt };
    const { modules, warnings, exports } = outcome;
    const bundle = { hash: hashModules(modules), modules };
    return {
      ok: true,
      bundle,
      warnings: [...this.#rules.warnings, ...warnings],
      exports,
      ms,
      startedAt,
    };
  }

  async #run(): Promise<Outcome> {
    const { main, root, noBundle, build } = this.#config;
    if (this.#disposed) return { ok: false, ...plainFailure("The bundler was disposed.") };
    try {
      const failure = await this.#customBuild?.run();
      if (failure !== undefined) {
        this.#setTrace(EMPTY_TRACE);
        return { ok: false, ...failure };
      }
      if (build !== undefined && !existsSync(main)) {
        this.#setTrace(EMPTY_TRACE);
        return {
          ok: false,
          ...plainFailure(
            `The expected output file at "${main}" was not found after running custom build: ${build.command}.\nThe \`main\` property in your wrangler configuration should point to the file generated by the custom build.`,
          ),
        };
      }
      const additional = await this.#findAdditional();
      return noBundle ? await this.#takeAsIs(additional) : await this.#bundle(additional);
    } catch (error) {
      if (this.#disposed) return { ok: false, ...plainFailure("The bundler was disposed.") };
      if (isEsbuildFailure(error)) {
        const [text, failed] = await Promise.all([
          describeFailure(error.errors, root, this.#mode),
          failedTrace(await this.#options(), error.errors),
        ]);
        this.#setTrace(this.#withCollected(failed));
        return { ok: false, ...text };
      }
      this.#setTrace(EMPTY_TRACE);
      return { ok: false, ...plainFailure(messageOf(error)) };
    }
  }

  async #bundle(additional: readonly BundleModule[]): Promise<Outcome> {
    const result = await this.#rebuild();
    const { root, main, site } = this.#config;
    const trace = metafileTrace(result.metafile, root, this.#collected.modules);
    this.#setTrace(this.#withCollected(trace));
    const output = bundledOutput(result, this.#config);
    // A failure is also what an editor leaves for a moment that empties a file before it writes it: no
    // reason to replace a Worker that serves.
    const isModule = output.exports.length > 0;
    const entry = isModule ? output.entry : serviceWorkerEntry(output, main);
    if (typeof entry === "string") return { ok: false, ...plainFailure(entry) };
    const warnings = await describeWarnings(result.warnings, root);
    const taken = new Set(this.#collected.modules.keys());
    const rest = additional.filter(({ name }) => !taken.has(name));
    const manifest = isModule || site === undefined ? [] : [siteManifestModule(site)];
    const modules = [entry, ...manifest, ...this.#collected.modules.values(), ...rest];
    return { ok: true, modules, warnings, exports: output.exports };
  }

  /** With another child process of esbuild if this one was killed; a second loss is the build's. */
  async #rebuild(): Promise<EsbuildResult<WorkerBuildOptions>> {
    try {
      return await (await this.#openContext()).rebuild();
    } catch (error) {
      if (this.#disposed || !hasLostEsbuild(error)) throw error;
      await replaceEsbuild(this.#service);
      this.#context = undefined;
      return await (await this.#openContext()).rebuild();
    }
  }

  /** `no_bundle`: the files as they are. */
  async #takeAsIs(additional: readonly BundleModule[]): Promise<Outcome> {
    const { main } = this.#config;
    this.#setTrace(EMPTY_TRACE);
    const kind = this.#config.main.endsWith(".cjs") ? "commonjs" : "esm";
    const entry = await readModule({ file: main, name: entryName(this.#config), kind });
    const warnings = this.#extra === undefined ? [] : [this.#extra];
    return { ok: true, modules: [entry, ...additional], warnings, exports: undefined };
  }

  async #findAdditional(): Promise<BundleModule[]> {
    this.#found.clear();
    if (!this.#config.findAdditionalModules) return [];
    const files = await findModules(this.#config, this.#rules);
    this.#extra = describeExtra(files);
    for (const { file, name } of files) this.#found.set(file, name);
    return Promise.all(files.map(readModule));
  }

  #setTrace(trace: BuildTrace): void {
    this.#trace = trace;
    this.#inputs = undefined;
  }

  #withCollected(trace: BuildTrace): BuildTrace {
    const { files, imports } = this.#collected;
    return {
      ...trace,
      files: [...trace.files, ...files],
      imports: [...trace.imports, ...imports],
    };
  }

  /** With the first build: esbuild is not to make the contexts of fifty Workers before it builds one. */
  #openContext(): Promise<BuildContext<WorkerBuildOptions>> {
    this.#context ??= Promise.all([loadEsbuild(), this.#options()]).then(([esbuild, options]) => {
      this.#service = currentEsbuild();
      return esbuild.context(options);
    });
    return this.#context;
  }

  #options(): Promise<WorkerBuildOptions> {
    this.#esbuildOptions ??= this.#loadOptions(this.#target);
    return this.#esbuildOptions;
  }

  async #loadOptions(target: string | readonly string[]): Promise<WorkerBuildOptions> {
    const config = this.#config;
    const { alias, root, compatibilityDate, compatibilityFlags } = config;
    const aliased = new Set(Object.keys(alias));
    const mode = this.#mode;
    const environment =
      mode === "v2" && !config.noBundle
        ? await nodeEnvironment(compatibilityDate, compatibilityFlags)
        : undefined;
    const options = esbuildOptions({
      config,
      target,
      environment: process.env,
      // Order matters: an alias comes before Node's modules, rules before the walk's files.
      plugins: [
        aliasPlugin(alias, root),
        ruleModulesPlugin(
          {
            rules: this.#rules,
            folders: [config.baseDir, root],
            preserveFileNames: config.preserveFileNames,
            entryFolder: dirname(config.main),
          },
          this.#collected,
        ),
        ...(config.site === undefined ? [] : [siteManifestPlugin(config.site)]),
        ...(config.findAdditionalModules ? [foundModulesPlugin(this.#found)] : []),
        environment === undefined
          ? nodeBuiltinsPlugin({ mode, aliased, root })
          : nodeModulesPlugin({ environment, aliased, root }),
      ],
    });
    if (environment === undefined) return options;
    return {
      ...options,
      external: [...(options.external ?? []), ...nativeNames({ environment, aliased })],
      inject: injectedFiles(environment),
    };
  }
}

function isEsbuildFailure(error: unknown): error is EsbuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}
