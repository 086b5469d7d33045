/**
 * What would change a build if it appeared. esbuild says which files it read, not where it looked
 * before it found them; this goes the same ways again for the imports of one build and collects
 * the paths that are missing, and the package.json and tsconfig.json files that led it.
 *
 * Made by inputs.ts in the session process, after a build, and dropped with its answer.
 */
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { ancestors } from "./ancestors.ts";
import { isInPackage, type Lookup, lookUpFolder, lookUpPath } from "./file-candidates.ts";
import { listingsOfNow } from "./folder-listings.ts";
import { mapPath, readTsconfig, type Tsconfig } from "./tsconfigs.ts";

/** One import as it stands in a file. */
export interface Import {
  readonly specifier: string;
  /** Of the importing file: absolute, links resolved. */
  readonly folder: string;
}

export interface LookupOptions {
  /** Folder of the config. */
  readonly root: string;
  /** Absolute; wins over each tsconfig.json that would be found. */
  readonly tsconfig: string | undefined;
  readonly alias: Readonly<Record<string, string>>;
  /** Specifiers that are never looked for on disk. */
  readonly isBuiltIn: (specifier: string) => boolean;
}

export class Lookups {
  /** Paths whose contents or appearance matter; absolute. A package's folder among them may appear. */
  readonly files: Set<string> = new Set();
  /** Folders that matter whole. */
  readonly trees: Set<string> = new Set();
  readonly #listings = listingsOfNow();
  readonly #options: LookupOptions;
  readonly #done = new Set<string>();
  readonly #tsconfigs = new Map<string, Tsconfig | undefined>();
  readonly #outermost = new Map<string, string>();

  constructor(options: LookupOptions) {
    this.#options = options;
  }

  /** A file that was read: the package.json and tsconfig.json that apply to it. */
  addFile(file: string): void {
    const folder = dirname(file);
    if (!this.#isNew(`${folder}\0`)) return;
    this.#addManifests(folder);
    this.#tsconfigFor(folder);
  }

  /**
   * False if nothing is there that the import could mean; what would be it is in `files` then.
   */
  addImport(given: Import): boolean {
    const target = this.#options.alias[given.specifier];
    const specifier = target ?? given.specifier;
    const folder = target === undefined ? given.folder : this.#options.root;
    if (!this.#isNew(`${folder}\0${specifier}`)) return true;
    if (specifier.includes("*")) return this.#addPattern(specifier, folder);
    const path = specifier.replace(/(?<=.)[?#].*$/s, "");
    if (/^\.{1,2}(?:[\\/]|$)/.test(path))
      return this.#add(this.#lookUp(resolve(folder, path), path));
    if (isAbsolute(path)) return this.#add(lookUpPath(path, this.#listings));
    // "#name" is the package.json's, which is watched anyway; "node:x" and "https://x" are no files.
    if (/^(?:#|[a-z][a-z+.-]+:)/i.test(path) || this.#options.isBuiltIn(path)) return true;
    return this.#addMapped(path, folder) || this.#addPackage(path, folder);
  }

  /** The folder of an installed package that a specifier is about, if there is one. */
  packageOf(specifier: string, folder: string): string | undefined {
    const { name } = splitSpecifier(specifier);
    for (const ancestor of ancestors(folder)) {
      const path = join(ancestor, "node_modules", name);
      if (this.#listings.isFolder(path)) return path;
    }
    return undefined;
  }

  #isNew(key: string): boolean {
    if (this.#done.has(key)) return false;
    this.#done.add(key);
    return true;
  }

  #add({ found, missing }: Lookup): boolean {
    for (const path of missing) this.files.add(path);
    if (found !== undefined) this.files.add(found);
    return found !== undefined;
  }

  /** resolve() drops the slash that says that only a folder is meant. */
  #lookUp(path: string, specifier: string): Lookup {
    if (!/(?:^|[\\/])(?:\.{1,2})?[\\/]?$/.test(specifier)) return lookUpPath(path, this.#listings);
    return lookUpFolder(path, this.#listings);
  }

  /** import(`./lang/${name}.js`): any file may join. A package's own come with its installation. */
  #addPattern(specifier: string, folder: string): boolean {
    const fixed = specifier.slice(0, specifier.indexOf("*"));
    const base = resolve(folder, fixed.slice(0, fixed.lastIndexOf("/") + 1));
    if (!isInPackage(`${base}/`)) this.trees.add(base);
    return true;
  }

  #addMapped(specifier: string, folder: string): boolean {
    const tsconfig = this.#tsconfigFor(folder);
    if (tsconfig === undefined) return false;
    for (const target of mapPath(specifier, tsconfig)) {
      if (this.#add(lookUpPath(target, this.#listings))) return true;
    }
    if (tsconfig.baseUrl === undefined) return false;
    return this.#add(lookUpPath(join(tsconfig.baseUrl, specifier), this.#listings));
  }

  /** The nearest node_modules that has it; where nearer ones are missing they may appear. */
  #addPackage(specifier: string, folder: string): boolean {
    const { name, subpath } = splitSpecifier(specifier);
    const nearer: { readonly folder: string; readonly path: string }[] = [];
    let found = false;
    for (const ancestor of ancestors(folder)) {
      if (basename(ancestor) === "node_modules") continue;
      const missing = this.#firstMissing(join(ancestor, "node_modules"), name);
      if (missing !== undefined) nearer.push({ folder: ancestor, path: missing });
      else found = this.#addInstalled(join(ancestor, "node_modules", name), subpath);
      if (found) break;
    }
    // A package that is nowhere may be installed in any folder of the project, not above it.
    const limit = found ? "" : this.#outermostOf(folder);
    for (const place of nearer) {
      if (place.folder.length >= limit.length) this.files.add(place.path);
    }
    return found;
  }

  /** "node_modules", "node_modules/@scope" or the package's folder: the first that is not there. */
  #firstMissing(modules: string, name: string): string | undefined {
    let path = modules;
    for (const part of ["", ...name.split("/")]) {
      path = join(path, part);
      if (this.#listings.kindOf(path) === undefined) return path;
    }
    return undefined;
  }

  #addInstalled(folder: string, subpath: string): boolean {
    // A link may be turned to another folder.
    if (this.#listings.kindOf(folder) === "link-to-folder") this.files.add(folder);
    const manifest = join(folder, "package.json");
    this.files.add(manifest);
    const { exports } = this.#listings.json(manifest) ?? {};
    if (exports !== undefined && exports !== null) return true;
    const path = join(folder, subpath);
    return this.#add(
      subpath === "" ? lookUpFolder(path, this.#listings) : lookUpPath(path, this.#listings),
    );
  }

  /** The nearest package.json, and where a nearer one could appear. */
  #addManifests(folder: string): void {
    const limit = this.#outermostOf(folder).length;
    for (const ancestor of ancestors(folder)) {
      if (ancestor.length < limit || basename(ancestor) === "node_modules") return;
      const manifest = join(ancestor, "package.json");
      if (!this.#isNew(manifest)) return;
      this.files.add(manifest);
      if (this.#listings.isFile(manifest)) return;
    }
  }

  /** What applies to the sources of a folder; packages come compiled, and esbuild reads none there. */
  #tsconfigFor(folder: string): Tsconfig | undefined {
    if (isInPackage(`${folder}/`)) return undefined;
    const given = this.#options.tsconfig;
    const key = given ?? folder;
    if (this.#tsconfigs.has(key)) return this.#tsconfigs.get(key);
    const file = given ?? this.#findTsconfig(folder);
    const known = file === undefined ? undefined : this.#tsconfigs.get(file);
    const tsconfig = known ?? (file === undefined ? undefined : readTsconfig(file, this.#listings));
    for (const read of tsconfig?.files ?? []) this.files.add(read);
    this.#tsconfigs.set(key, tsconfig);
    if (file !== undefined) this.#tsconfigs.set(file, tsconfig);
    return tsconfig;
  }

  #findTsconfig(folder: string): string | undefined {
    const limit = this.#outermostOf(folder).length;
    for (const ancestor of ancestors(folder)) {
      for (const name of ["tsconfig.json", "jsconfig.json"]) {
        const file = join(ancestor, name);
        if (this.#listings.isFile(file)) return file;
        if (ancestor.length >= limit) this.files.add(file);
      }
    }
    return undefined;
  }

  /** The outermost folder that could belong to the project: with a package.json or node_modules. */
  #outermostOf(folder: string): string {
    const known = this.#outermost.get(folder);
    if (known !== undefined) return known;
    let outermost = folder.startsWith(this.#options.root) ? this.#options.root : folder;
    for (const ancestor of ancestors(folder)) {
      const isProject =
        this.#listings.isFile(join(ancestor, "package.json")) ||
        this.#listings.isFolder(join(ancestor, "node_modules"));
      if (isProject && ancestor.length < outermost.length) outermost = ancestor;
    }
    this.#outermost.set(folder, outermost);
    return outermost;
  }
}

/** "@scope/name/sub/path" -> "@scope/name" and "sub/path". */
function splitSpecifier(specifier: string): { readonly name: string; readonly subpath: string } {
  const parts = specifier.split("/");
  const length = specifier.startsWith("@") ? 2 : 1;
  return { name: parts.slice(0, length).join("/"), subpath: parts.slice(length).join("/") };
}
