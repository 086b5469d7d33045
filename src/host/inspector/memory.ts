/**
 * What a client has set up in a thread, to set it up again in the next one: V8 knows none of it when
 * a Worker is reloaded. Breakpoints stay at their place in the source, not in the bundle, whose lines
 * move with every save; V8 names them by their place, so their names are translated. Owned by one
 * relay.ts; pure.
 */
import type { Place, ScriptMaps } from "./source-maps.ts";

export interface Command {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

interface BreakpointParams {
  readonly url?: string;
  readonly urlRegex?: string;
  readonly scriptHash?: string;
  readonly lineNumber: number;
  readonly columnNumber?: number;
  readonly condition?: string;
}

interface Breakpoint {
  readonly params: BreakpointParams;
  /** Its name in the thread that the client is attached to now. */
  here: string;
}

/** Of these the last one counts. */
const SETTINGS: ReadonlySet<string> = new Set([
  "Debugger.setAsyncCallStackDepth",
  "Debugger.setBlackboxPatterns",
  "Debugger.setBreakpointsActive",
  "Debugger.setPauseOnExceptions",
  "Debugger.setSkipAllPauses",
  "Profiler.setSamplingInterval",
  "Runtime.setCustomObjectFormatterEnabled",
  "Runtime.setMaxCallStackSizeToCapture",
]);
/** Of these the last one with the same parameters. */
const KEYED: Readonly<Record<string, string>> = {
  "Debugger.setInstrumentationBreakpoint": "instrumentation",
  "Runtime.addBinding": "name",
};
const BREAKPOINT = "Debugger.setBreakpointByUrl";

export class ClientMemory {
  readonly #enabled: Map<string, Command> = new Map();
  readonly #settings: Map<string, Command> = new Map();
  /** By the name that the client knows. */
  readonly #breakpoints: Map<string, Breakpoint> = new Map();

  /** Answers to these matter. */
  isOfUse({ method }: Command): boolean {
    return (
      method.endsWith(".enable") ||
      method.endsWith(".disable") ||
      SETTINGS.has(method) ||
      method in KEYED ||
      method === BREAKPOINT
    );
  }

  isEnabled(domain: string): boolean {
    return this.#enabled.has(`${domain}.enable`);
  }

  /** The client's command was carried out. */
  onDone(command: Command, result: unknown): void {
    const { method, params } = command;
    if (method.endsWith(".enable")) this.#enabled.set(method, command);
    else if (method.endsWith(".disable")) this.#disabled(method.slice(0, -".disable".length));
    else if (SETTINGS.has(method)) this.#settings.set(method, command);
    else if (method in KEYED) {
      this.#settings.set(`${method} ${String(params[KEYED[method] as string])}`, command);
    } else if (method === BREAKPOINT) {
      const id = (result as { readonly breakpointId?: unknown }).breakpointId;
      if (typeof id !== "string") return;
      this.#breakpoints.set(id, { params: params as unknown as BreakpointParams, here: id });
    }
  }

  #disabled(domain: string): void {
    this.#enabled.delete(`${domain}.enable`);
    if (domain !== "Debugger") return;
    // V8 forgets them as well.
    this.#breakpoints.clear();
    for (const key of this.#settings.keys()) {
      if (key.startsWith("Debugger.")) this.#settings.delete(key);
    }
  }

  /** Forgets a breakpoint; its name in the thread. */
  remove(id: string): string {
    const here = this.#breakpoints.get(id)?.here ?? id;
    this.#breakpoints.delete(id);
    return here;
  }

  /**
   * The client sets a breakpoint where one that was carried over is already, which V8 refuses: that
   * one is to be removed first. Its name in the thread.
   */
  takePlaceOf({ method, params }: Command): string | undefined {
    if (method !== BREAKPOINT) return undefined;
    const wanted = nameOf(params as unknown as BreakpointParams);
    for (const [id, { here }] of this.#breakpoints) {
      if (here !== wanted || id === wanted) continue;
      this.#breakpoints.delete(id);
      return here;
    }
    return undefined;
  }

  /** The client's name of what the thread calls `here`. */
  nameFor(here: string): string {
    for (const [id, breakpoint] of this.#breakpoints) if (breakpoint.here === here) return id;
    return here;
  }

  /** To be sent to a new thread in this order: domains, then how they are set. */
  commands(): Command[] {
    return [...this.#enabled.values(), ...this.#settings.values()];
  }

  /** After `commands`. Each is to be told the name that it has got. */
  breakpoints(
    before: ScriptMaps | undefined,
    now: ScriptMaps,
  ): { readonly command: Command; readonly named: (here: string) => void }[] {
    return [...this.#breakpoints.values()].map((breakpoint) => ({
      command: { method: BREAKPOINT, params: { ...movedParams(breakpoint, before, now) } },
      named: (here) => {
        breakpoint.here = here;
      },
    }));
  }
}

/** By the place that it has in the thread that is left, as the client may have set it long ago. */
function movedParams(
  { params, here }: Breakpoint,
  before: ScriptMaps | undefined,
  now: ScriptMaps,
): BreakpointParams {
  const place = placeOf(params, here);
  const script = before?.scripts().find((url) => isFor(params, url));
  const original = script === undefined ? undefined : before?.original(script, place);
  const moved =
    script === undefined || original === undefined ? undefined : now.generated(script, original);
  const { lineNumber, columnNumber } = moved ?? place;
  // Whoever named no column means the line.
  if (params.columnNumber === undefined) return { ...params, lineNumber };
  return { ...params, lineNumber, columnNumber };
}

function placeOf(params: BreakpointParams, here: string): Place {
  const [, line, column] = /^\d+:(\d+):(\d+):/.exec(here) ?? [];
  if (line === undefined) {
    return { lineNumber: params.lineNumber, columnNumber: params.columnNumber ?? 0 };
  }
  return { lineNumber: Number(line), columnNumber: Number(column) };
}

function isFor({ url, urlRegex }: BreakpointParams, script: string): boolean {
  if (url !== undefined) return url === script;
  if (urlRegex === undefined) return false;
  try {
    return new RegExp(urlRegex).test(script);
  } catch {
    return false;
  }
}

/** As V8 names it: by kind, place and what it is looked for by. */
function nameOf(params: BreakpointParams): string {
  const { url, urlRegex, scriptHash, lineNumber, columnNumber = 0 } = params;
  const [kind, key] =
    url !== undefined ? [1, url] : urlRegex !== undefined ? [2, urlRegex] : [3, scriptHash];
  return `${kind}:${lineNumber}:${columnNumber}:${key}`;
}
