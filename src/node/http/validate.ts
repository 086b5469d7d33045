/** Checks of header names and values in Node's words: Node's own functions, which are pure. */
import { hostModule } from "../../isolate/own-world.ts";

let native: typeof import("node:http") | undefined;

/** Of Node, loaded with the first header. */
function http(): typeof import("node:http") {
  native ??= hostModule("http") as typeof import("node:http");
  return native;
}

const PLAIN_NAME = /^[A-Za-z0-9-]+$/;
const PLAIN_VALUE = /^[\t\x20-\x7e]*$/;

export function validateHeaderName(name: unknown, label?: string): void {
  if (typeof name === "string" && PLAIN_NAME.test(name)) return;
  (http().validateHeaderName as (name: unknown, label?: string) => void)(name, label);
}

export function validateHeaderValue(name: string, value: unknown): void {
  if (typeof value === "string" && PLAIN_VALUE.test(value)) return;
  http().validateHeaderValue(name, value as string);
}
