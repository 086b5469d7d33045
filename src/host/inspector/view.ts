/**
 * What a client is shown of a thread's events: names that it knows, maps that it can read, frames of
 * its own code. Owned by one relay.ts.
 */
import { KEPT_CALL, RUNTIME_SCRIPT } from "../../protocol/runtime-script.ts";
import type { ClientMemory } from "./memory.ts";
import type { ScriptMaps } from "./source-maps.ts";

type Params = Readonly<Record<string, unknown>>;

interface CallFrame {
  readonly url?: string;
}

export class ClientView {
  readonly #worker: string;
  readonly #memory: ClientMemory;
  readonly #maps: () => ScriptMaps | undefined;
  readonly #changes: Readonly<Record<string, (params: Params) => Params | undefined>>;

  constructor(worker: string, memory: ClientMemory, maps: () => ScriptMaps | undefined) {
    this.#worker = worker;
    this.#memory = memory;
    this.#maps = maps;
    this.#changes = {
      "Debugger.scriptParsed": (params) => this.#script(params),
      "Debugger.scriptFailedToParse": (params) => this.#script(params),
      "Debugger.paused": (params) => this.#paused(params),
      "Debugger.breakpointResolved": (params) => ({
        ...params,
        breakpointId: this.#memory.nameFor(String(params.breakpointId)),
      }),
      "Runtime.executionContextCreated": (params) => this.#context(params),
      "Runtime.consoleAPICalled": consoleCall,
    };
  }

  /** Undefined: nothing for the client. Events that are shown as they are are not parsed. */
  show(text: string): string | undefined {
    const method = /^\{"method":"([^"]+)"/.exec(text)?.[1] ?? "";
    const change = this.#changes[method];
    if (change === undefined) return text;
    const params = change((JSON.parse(text) as { readonly params: Params }).params);
    return params === undefined ? undefined : JSON.stringify({ method, params });
  }

  #script(params: Params): Params | undefined {
    const url = String(params.url);
    if (url === RUNTIME_SCRIPT) return undefined;
    const map = this.#maps()?.dataUrl(url);
    return map === undefined ? params : { ...params, sourceMapURL: map };
  }

  #paused(params: Params): Params {
    const { hitBreakpoints } = params;
    if (!Array.isArray(hitBreakpoints)) return params;
    const names = hitBreakpoints.map((here) => this.#memory.nameFor(String(here)));
    return { ...params, hitBreakpoints: names };
  }

  #context({ context, ...params }: Params): Params {
    return { ...params, context: { ...(context as object), name: this.#worker } };
  }
}

interface ConsoleCall extends Params {
  readonly args?: readonly { readonly value?: unknown }[];
  readonly stackTrace?: { readonly callFrames: readonly CallFrame[] };
}

/** The runtime's `console` stands between the inspector's and the line that called it. */
function consoleCall({ args, stackTrace, ...params }: ConsoleCall): Params {
  const last = args?.at(-1)?.value;
  // Made before the debugger came (runtime/debugger-console.ts).
  if (typeof last === "string" && last.startsWith(KEPT_CALL)) {
    const frame = last.slice(KEPT_CALL.length);
    const callFrames = frame === "undefined" ? [] : [JSON.parse(frame) as CallFrame];
    return { ...params, args: args?.slice(0, -1), stackTrace: { callFrames } };
  }
  const callFrames = stackTrace?.callFrames.filter(({ url = "" }) => !isOwn(url));
  return {
    ...params,
    args,
    ...(callFrames === undefined ? {} : { stackTrace: { ...stackTrace, callFrames } }),
  };
}

function isOwn(url: string): boolean {
  return url === RUNTIME_SCRIPT || url.startsWith("node:");
}
