import * as a from "./cycle-a.js";

globalThis.seenByB = Object.getOwnPropertyNames(a);
export const b = "b";
