import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type {
  DaemonInfo,
  RegisteredWorker,
  WorkerAnnouncement,
  WorkspaceInfo,
} from "../../../src/protocol/registry.ts";
import type { AnnounceResult } from "../../../src/registry/client-types.ts";
import type { Resolution } from "../../../src/registry/resolve.ts";
import { eventually } from "../../helpers/eventually.ts";

/*
 * Real sessions and a real daemon in a runtime directory of the test's own. Disposing kills the
 * sessions and checks that the daemon ends and no socket file is left.
 */

interface SessionEvent {
  readonly event: "open" | "failed" | "change" | "conflict" | "takeover" | "lost" | "state";
  readonly detail: unknown;
  /** `<pid>:<name>` of all Workers that the session knew at that moment. */
  readonly list: readonly string[];
}

export interface SessionSetup {
  readonly workspace?: WorkspaceInfo;
  readonly version?: string;
  readonly protocol?: number;
  readonly env?: Record<string, string>;
}

export class RegistryWorld {
  /** Plays XDG_RUNTIME_DIR. */
  readonly root: string = mkdtempSync("/tmp/dr-");
  readonly directory: string = path.join(this.root, "drover");
  readonly socket: string = path.join(this.directory, "registry.sock");
  readonly sessions: SessionProcess[] = [];
  /** Every daemon that a session was ever told of. */
  readonly daemons = new Set<number>();

  get env(): Record<string, string> {
    return {
      PATH: process.env.PATH ?? "",
      HOME: this.root,
      TMPDIR: this.root,
      XDG_RUNTIME_DIR: this.root,
      DROVER_REGISTRY_IDLE_MS: "200",
    };
  }

  workspace(name: string, repository: readonly string[] = []): WorkspaceInfo {
    return { root: `/code/${name}`, kind: "git", repository };
  }

  /** Not waited for: call `opened` on it. */
  start(setup: SessionSetup = {}): SessionProcess {
    const session = new SessionProcess(this, setup);
    this.sessions.push(session);
    return session;
  }

  async open(setup: SessionSetup = {}): Promise<SessionProcess> {
    const session = this.start(setup);
    await session.opened();
    return session;
  }

  prepareDirectory(): void {
    mkdirSync(this.directory, { mode: 0o700 });
  }

  files(): string[] {
    try {
      return readdirSync(this.directory);
    } catch {
      return [];
    }
  }

  /** Resolves as soon as `isDone` holds; looks again whenever a file comes or goes. */
  async untilFiles(isDone: (files: string[]) => boolean): Promise<void> {
    if (isDone(this.files())) return;
    await new Promise<void>((resolve) => {
      const watcher = watch(this.directory, () => check());
      const check = (): void => {
        if (!isDone(this.files())) return;
        watcher.close();
        resolve();
      };
      check();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.sessions.map((session) => session.kill()));
    await this.untilFiles((files) => files.length === 0);
    for (const pid of this.daemons) {
      await eventually(() => expect(isRunning(pid)).toBe(false));
    }
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** One session process. */
export class SessionProcess {
  readonly child: ChildProcess;
  readonly events: SessionEvent[] = [];
  readonly #world: RegistryWorld;
  readonly #answers = new Map<number, (message: { result?: unknown; error?: string }) => void>();
  readonly #watchers = new Set<() => void>();
  #nextId = 1;

  constructor(world: RegistryWorld, setup: SessionSetup) {
    this.#world = world;
    const options = {
      workspace: setup.workspace ?? world.workspace("main"),
      cwd: (setup.workspace ?? world.workspace("main")).root,
      version: setup.version ?? "1.0.0",
      protocol: setup.protocol,
    };
    this.child = fork(
      fileURLToPath(new URL("./session-process.js", import.meta.url)),
      [JSON.stringify(options)],
      {
        env: { ...world.env, ...setup.env },
        execArgv: [],
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      },
    );
    this.child.on("message", (message: SessionEvent & { id?: number }) => {
      if (message.id !== undefined) this.#answers.get(message.id)?.(message as never);
      else this.events.push(message);
      for (const check of [...this.#watchers]) check();
    });
  }

  get pid(): number {
    return this.child.pid as number;
  }

  async call<T>(method: string, ...args: unknown[]): Promise<T> {
    const id = this.#nextId++;
    this.child.send({ id, method, args });
    const answer = await new Promise<{ result?: unknown; error?: string }>((resolve) => {
      this.#answers.set(id, resolve);
    });
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.result as T;
  }

  /** The first event at or after position `from` that fits; waits for it. */
  event(
    type: SessionEvent["event"],
    fits: (event: SessionEvent) => boolean = () => true,
    from = 0,
  ): Promise<SessionEvent> {
    return new Promise((resolve) => {
      const check = (): void => {
        const found = this.events.slice(from).find((event) => event.event === type && fits(event));
        if (found === undefined) return;
        this.#watchers.delete(check);
        resolve(found);
      };
      this.#watchers.add(check);
      check();
    });
  }

  state(state: string, from = 0): Promise<SessionEvent> {
    return this.event("state", ({ detail }) => detail === state, from);
  }

  async opened(): Promise<void> {
    await Promise.race([
      this.event("open"),
      this.event("failed").then((event) => {
        throw new Error(JSON.stringify(event.detail));
      }),
    ]);
    await this.daemon();
  }

  async daemon(): Promise<DaemonInfo | null> {
    const daemon = await this.call<DaemonInfo | null>("daemon");
    if (daemon !== null) this.#world.daemons.add(daemon.pid);
    return daemon;
  }

  /** Listens on a socket of its own and says that the Worker is ready there. */
  async serve(
    name: string,
    extra: Partial<WorkerAnnouncement> = {},
    how: { takeover?: boolean } = {},
  ): Promise<AnnounceResult> {
    const address = await this.call<string>("listen");
    const worker: WorkerAnnouncement = {
      name,
      entrypoints: [{ name: "default", kind: "class", methods: ["fetch"] }],
      durableObjectClasses: [],
      address,
      generation: 1,
      ready: true,
      ...extra,
    };
    return this.call("announce", worker, how);
  }

  resolve(service: string): Promise<Resolution> {
    return this.call("resolve", service);
  }

  list(): Promise<RegisteredWorker[]> {
    return this.call("list");
  }

  /** Waits until this session resolves `service` to `type`, or to the Worker of `holder`. */
  async until(
    service: string,
    type: Resolution["type"],
    holder?: SessionProcess,
  ): Promise<Resolution> {
    for (;;) {
      const seen = this.events.length;
      const resolution = await this.resolve(service);
      const pid = resolution.type === "found" ? resolution.worker.session.pid : undefined;
      if (resolution.type === type && (holder === undefined || holder.pid === pid)) {
        return resolution;
      }
      await this.event("change", undefined, seen);
    }
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, "exit");
    this.child.kill(signal);
    await exit;
  }
}

/** Zombies (nobody reaps them in a container) do not run. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
  } catch {
    return false;
  }
}
