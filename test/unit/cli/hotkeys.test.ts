import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { isForegroundStat } from "../../../src/cli/ui/foreground.ts";
import { type KeyInput, listenForHotkeys } from "../../../src/cli/ui/hotkeys.ts";
import { reloadKeys } from "../../../src/cli/ui/reload-keys.ts";

test("a job in the background of its terminal takes no keys", () => {
  const stat = (group: number, foreground: number) =>
    `7 (node (a) b) S 1 ${group} 5 34816 ${foreground} 4194304 0`;
  expect(isForegroundStat(stat(7, 7))).toBe(true);
  expect(isForegroundStat(stat(7, 5))).toBe(false);
  // No terminal that could listen to anybody.
  expect(isForegroundStat(stat(7, -1))).toBe(true);
});

class FakeInput extends EventEmitter implements KeyInput {
  raw = false;
  setRawMode(raw: boolean): void {
    this.raw = raw;
  }
  setEncoding(): void {}
  resume(): void {}
  pause(): void {}
}

function press(input: FakeInput, keys: string): void {
  input.emit("data", keys);
}

test("keys run their action, whatever Caps Lock says, also several in one chunk", () => {
  const input = new FakeInput();
  const pressed: string[] = [];
  using _keys = listenForHotkeys(
    input,
    [
      { keys: ["b"], label: "", run: () => void pressed.push("b") },
      { keys: ["x", "q", "\x03"], label: "", run: () => void pressed.push("x") },
    ],
    () => {},
  );
  press(input, "bB");
  press(input, "?\x03Q");
  expect(pressed).toEqual(["b", "b", "x", "x"]);
});

test("arrow keys, function keys and Alt are no hotkeys, keys beside them are", () => {
  const input = new FakeInput();
  const pressed: string[] = [];
  using _keys = listenForHotkeys(
    input,
    ["b", "c", "x", "~", "\x03"].map((key) => ({
      keys: [key],
      label: "",
      run: () => void pressed.push(key),
    })),
    () => {},
  );
  for (const keys of ["\x1b[B", "\x1b[1;5C", "\x1bOB", "\x1bx", "\x1b[3~"]) press(input, keys);
  expect(pressed).toEqual([]);
  press(input, "\x1b[B\x1b[Cb\x1b[C\x03");
  press(input, "\x1b");
  press(input, "x");
  expect(pressed).toEqual(["b", "\x03", "x"]);
});

test("an action that fails is told, and the next key works", async () => {
  const input = new FakeInput();
  const failed: string[] = [];
  let runs = 0;
  using _keys = listenForHotkeys(
    input,
    [
      {
        keys: ["b"],
        label: "",
        run: () => {
          runs += 1;
          throw new Error("no browser");
        },
      },
    ],
    (key, error) => failed.push(`${key}: ${String(error)}`),
  );
  press(input, "bb");
  expect(runs).toBe(2);
  expect(failed).toEqual(["b: Error: no browser", "b: Error: no browser"]);
});

test("what is asked hears the next key, and only that", () => {
  const input = new FakeInput();
  const pressed: string[] = [];
  const asked = reloadKeys(["api", "auth"], (worker) => pressed.push(worker ?? "all"));
  using _keys = listenForHotkeys(
    input,
    [
      { keys: ["r"], label: "", ask: () => asked },
      { keys: ["2"], label: "", run: () => void pressed.push("two") },
      { keys: ["x"], label: "", run: () => void pressed.push("x") },
    ],
    () => {},
  );
  for (const keys of ["r2", "2", "rr", "ra", "rx", "2", "r?", "2"]) press(input, keys);
  press(input, "r");
  press(input, "\x1b");
  press(input, "2");
  expect(pressed).toEqual(["auth", "two", "all", "all", "x", "two", "two", "two"]);
});

test("one Worker is no question, and many have different keys", () => {
  expect(reloadKeys(["api"], () => {})).toEqual([]);
  const many = reloadKeys(
    Array.from({ length: 50 }, (_, index) => `w${index}`),
    () => {},
  );
  const keys = many.flatMap((hotkey) => hotkey.keys);
  expect(new Set(keys).size).toBe(keys.length);
  for (const taken of ["x", "q", "\x03"]) expect(keys).not.toContain(taken);
});

test("the terminal is given back", () => {
  const input = new FakeInput();
  const keys = listenForHotkeys(input, [], () => {});
  expect(input.raw).toBe(true);
  keys[Symbol.dispose]();
  expect(input.raw).toBe(false);
  expect(input.listenerCount("data")).toBe(0);
});
