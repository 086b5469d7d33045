/**
 * The tree that one invocation sees: `/bundle` and `/dev` are the isolate's, `/tmp` is its own, empty
 * at first and gone with it (spec/node.md 5.1). A Durable Object has one invocation for as long as it
 * lives, and so one /tmp. Module evaluation has one for itself.
 */
import { currentInvocation, type Invocation } from "../../isolate/invocation.ts";
import { fsError } from "./errors.ts";
import { type FolderNode, type FsNode, folder } from "./nodes.ts";

const MAX_LINKS = 256;

/** Where a path leads to. */
export interface Place {
  /** What is there; undefined if nothing is. */
  readonly node: FsNode | undefined;
  /** What its name is in, or would be. Undefined: that is missing too, or the path is the root's. */
  readonly parent: FsNode | undefined;
  readonly name: string;
}

export class FileTree {
  readonly #bundle: FolderNode;
  readonly #devices: FolderNode;
  readonly #roots: WeakMap<Invocation, FolderNode> = new WeakMap();
  #moduleRoot: FolderNode | undefined;
  /** How many folders mkdtemp has made, by root. */
  readonly #temporaries: WeakMap<FolderNode, number> = new WeakMap();

  constructor(bundle: FolderNode) {
    this.#bundle = bundle;
    this.#devices = folder(
      false,
      (["null", "zero", "full", "random"] as const).map((name) => [
        name,
        { kind: "device", name, mtime: 0 },
      ]),
    );
  }

  /** The root of whoever runs now. */
  root(): FolderNode {
    const invocation = currentInvocation();
    if (invocation === undefined) {
      this.#moduleRoot ??= this.#newRoot();
      return this.#moduleRoot;
    }
    let root = this.#roots.get(invocation);
    if (root === undefined) {
      root = this.#newRoot();
      this.#roots.set(invocation, root);
    }
    return root;
  }

  nextTemporary(): number {
    const root = this.root();
    const number = this.#temporaries.get(root) ?? 0;
    this.#temporaries.set(root, number + 1);
    return number;
  }

  /** `follow`: what a link at the very end points to, and not the link. Throws ELOOP. */
  locate(segments: readonly string[], follow: boolean, syscall: string): Place {
    let names = segments;
    for (let links = 0; ; links += 1) {
      if (links > MAX_LINKS) throw fsError("ELOOP", syscall);
      const step = this.#walk(names, follow);
      if (!("link" in step)) return step;
      names = [...segmentsOf(step.link), ...step.rest];
    }
  }

  #walk(
    names: readonly string[],
    follow: boolean,
  ): Place | { readonly link: string; readonly rest: readonly string[] } {
    let node: FsNode | undefined = this.root();
    let parent: FsNode | undefined;
    for (let at = 0; at < names.length; at += 1) {
      // Below a file there is nothing; the file is what is in the way.
      if (node === undefined) return { node, parent: undefined, name: names.at(-1) as string };
      if (node.kind !== "folder") {
        return { node: undefined, parent: node, name: names.at(-1) as string };
      }
      parent = node;
      node = node.entries.get(names[at] as string);
      const isLast = at === names.length - 1;
      if (node?.kind === "link" && (follow || !isLast)) {
        return { link: node.target, rest: names.slice(at + 1) };
      }
    }
    return { node, parent, name: names.at(-1) ?? "" };
  }

  #newRoot(): FolderNode {
    return folder(false, [
      ["bundle", this.#bundle],
      ["tmp", folder(true)],
      ["dev", this.#devices],
    ]);
  }
}

export function segmentsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}
