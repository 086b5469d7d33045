/**
 * The Worker's `console`: Node's formatting (tables, groups, counters, timers included), one
 * LogEntry per call instead of bytes on a stream. One per thread.
 */
import { Console } from "node:console";
import { Writable } from "node:stream";
import type { LogEntry } from "../protocol/thread.ts";
import { illegalInvocation } from "../web/interfaces/guards.ts";
import { type PrintOptions, printed, printOptions } from "./printed-values.ts";

type Level = LogEntry["level"];
type Method = (...args: unknown[]) => unknown;

const LEVELS: Readonly<Record<string, Level>> = {
  log: "log",
  info: "info",
  debug: "debug",
  warn: "warn",
  error: "error",
  dir: "log",
  dirxml: "log",
  table: "log",
  group: "log",
  groupCollapsed: "log",
  groupEnd: "log",
  count: "log",
  countReset: "warn",
  time: "warn",
  timeLog: "log",
  timeEnd: "log",
  assert: "error",
};

/** As production lists them. */
const ORDER =
  "debug error info log warn dir dirxml table trace group groupCollapsed groupEnd clear count countReset assert profile profileEnd time timeLog timeEnd timeStamp context createTask".split(
    " ",
  );
/** What `console.context()` has, in its order. */
const CONTEXT =
  "dir dirxml table groupEnd clear count countReset profile profileEnd debug error info log warn trace group groupCollapsed time timeLog timeEnd timeStamp assert".split(
    " ",
  );

/** Their first argument is a label, which has to become a text: that may throw, in production too. */
const LABELLED: ReadonlySet<string> = new Set("count countReset time timeLog timeEnd".split(" "));
/** As production goes on after a value of which a getter or a trap throws when it is shown. */
const UNSHOWABLE = "a value that cannot be shown (its own inspection throws)";

/** There in production, without effect there too. */
const IGNORED: readonly string[] = ["clear", "timeStamp", "profile", "profileEnd"];

export interface ConsoleOptions {
  readonly write: (level: Level, text: string) => void;
  /** Told of each call before it is printed; absent where nobody hears of it. */
  readonly onCall?: ((method: string, args: readonly unknown[]) => void) | undefined;
  /** Gets every call for debuggers, as it was made. */
  readonly inspect?: (method: string, args: readonly unknown[], caller: Method) => void;
  /** ANSI colours in what is inspected. */
  readonly colors: boolean;
}

/** A console whose methods need no receiver, as user code may tear them off. */
export function createConsole(options: ConsoleOptions): Console {
  let level: Level = "log";
  const { onCall, inspect } = options;
  const style = printOptions(options.colors);
  const stream = new LineSink((text) => options.write(level, style.finish(text)));
  const node = createNodeConsole(stream, style);
  const methods: Record<string, Method> = {};
  for (const [name, methodLevel] of Object.entries(LEVELS)) {
    const format = (node as unknown as Record<string, Method>)[name] as Method;
    methods[name] = function called(...args) {
      inspect?.(name, args, called);
      onCall?.(name, args);
      level = methodLevel;
      try {
        format.apply(node, printed(args));
      } catch (error) {
        if (LABELLED.has(name)) throw error;
        options.write(level, UNSHOWABLE);
      }
    };
  }
  methods.trace = (...args) => {
    inspect?.("trace", args, methods.trace as Method);
    level = "trace";
    const holder = { name: "Trace", message: "" };
    Error.captureStackTrace(holder, methods.trace);
    const stack = String((holder as { stack?: unknown }).stack ?? "");
    const frames = stack.includes("\n") ? stack.slice(stack.indexOf("\n")) : "";
    node.error(
      `${args.length === 0 ? "Trace" : "Trace: %s"}${frames}`,
      ...formatFirst(style, args),
    );
  };
  for (const name of IGNORED) methods[name] = () => {};
  // One of a name of its own prints like any other here.
  methods.context = (_name) => Object.fromEntries(CONTEXT.map((name) => [name, methods[name]]));
  methods.createTask = (name) => createTask(name);
  const result = Object.create({}) as Record<string, Method>;
  for (const name of ORDER) {
    const method = methods[name] as Method;
    const length = name === "context" ? 1 : 0;
    Object.defineProperty(method, "name", { value: name, configurable: true });
    Object.defineProperty(method, "length", { value: length, configurable: true });
    result[name] = method;
  }
  Object.defineProperty(result, Symbol.toStringTag, { value: "console", configurable: true });
  return result as unknown as Console;
}

/**
 * A task of V8's console: a debugger shows its stack above what `run` calls, and nothing else comes of it. Here
 * it is only run.
 */
const Task = class {
  readonly run: (fn: unknown) => unknown;

  constructor() {
    const isOwn = (receiver: unknown): boolean => receiver === this;
    const { run } = {
      run(this: unknown, ...[fn]: unknown[]): unknown {
        if (!isOwn(this)) throw illegalInvocation();
        if (typeof fn !== "function") throw new Error("First argument must be a function.");
        return Reflect.apply(fn, undefined, []);
      },
    };
    this.run = run;
  }
};
Object.defineProperty(Task, "name", { value: "" });

function createTask(name: unknown): object {
  if (typeof name === "string" && name !== "") return new Task();
  throw new Error("First argument must be a non-empty string.");
}

/** The arguments of console.trace as one text, formatted as log would. */
function formatFirst(style: PrintOptions, args: readonly unknown[]): string[] {
  if (args.length === 0) return [];
  let text = "";
  const sink = new LineSink((line) => {
    text = line;
  });
  createNodeConsole(sink, style).log(...printed(args));
  return [text];
}

function createNodeConsole(sink: Writable, { inspectOptions }: PrintOptions): Console {
  return new Console({ stdout: sink, stderr: sink, inspectOptions, groupIndentation: 2 });
}

/** Takes one `write` per console call; Node's Console writes synchronously. */
class LineSink extends Writable {
  readonly #onText: (text: string) => void;

  constructor(onText: (text: string) => void) {
    super();
    this.#onText = onText;
  }

  override write(chunk: unknown): boolean {
    const text = String(chunk);
    this.#onText(text.endsWith("\n") ? text.slice(0, -1) : text);
    return true;
  }
}
