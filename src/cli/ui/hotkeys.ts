/** Single keys while a session runs; only when stdin and stdout are terminals. */
import { formatBox } from "./banner.ts";

interface Key {
  /** Lower case; the first is the one that is shown. */
  readonly keys: readonly string[];
  readonly label: string;
}

export interface Action extends Key {
  run(): void | Promise<void>;
}

/** Its keys come before all others for the next key, whichever that is. */
export interface Question extends Key {
  ask(): readonly Action[];
}

export type Hotkey = Action | Question;

export interface KeyInput {
  setRawMode(raw: boolean): unknown;
  setEncoding(encoding: "utf8"): unknown;
  on(event: "data", listener: (text: string) => void): unknown;
  off(event: "data", listener: (text: string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** What arrow and function keys, Alt and the terminal itself send: their letters are no keys. */
const ESCAPE = "\x1b";
const ESCAPE_SEQUENCE = new RegExp(`${ESCAPE}(\\[[0-?]*[ -/]*[@-~]|O[ -~]|[ -~])?`, "g");

/** The terminal, as far as it is ours. Dispose gives it back. */
export interface HeldKeys extends Disposable {
  /** The terminal is as it was before. */
  release(): void;
  /** The same in the background, where to change the terminal or to read from it stops a process. */
  leave(): void;
  /** Take keys again, whatever others have made of the terminal. */
  take(): void;
}

/** `onError` hears of a handler that throws; the session goes on. */
export function listenForHotkeys(
  input: KeyInput,
  hotkeys: readonly Hotkey[],
  onError: (key: string, error: unknown) => void,
): HeldKeys {
  let asked: readonly Action[] = [];
  const press = async (text: string): Promise<void> => {
    // Case-insensitive: Caps Lock must not lock anybody in.
    const key = text.toLowerCase();
    const hotkey = [...asked, ...hotkeys].find(({ keys }) => keys.includes(key));
    asked = [];
    try {
      if (hotkey !== undefined && "ask" in hotkey) asked = hotkey.ask();
      else await hotkey?.run();
    } catch (error) {
      onError(key, error);
    }
  };
  const onData = (text: string): void => {
    if (text === ESCAPE) asked = [];
    for (const char of text.replace(ESCAPE_SEQUENCE, "")) void press(char);
  };
  const leave = (): void => {
    input.off("data", onData);
    input.pause();
  };
  const release = (): void => {
    leave();
    input.setRawMode(false);
  };
  const take = (): void => {
    leave();
    // Node does nothing where it has set it before.
    input.setRawMode(false);
    input.setRawMode(true);
    input.on("data", onData);
    input.resume();
  };
  input.setEncoding("utf8");
  take();
  return { release, leave, take, [Symbol.dispose]: release };
}

export function formatHotkeys(hotkeys: readonly Key[], width: number): string {
  return formatBox(
    hotkeys.map(({ keys, label }) => `[${keys[0]}] ${label}`),
    width,
  );
}
