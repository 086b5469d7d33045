import { b } from "./cycle-b.js";
export const a = "a";
export const result = () => [a, b, globalThis.seenByB];
