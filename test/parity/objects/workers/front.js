/* Asks the same of objects that belong to another Worker: in the same session, or in another one. */
export { default } from "./worker.js";
