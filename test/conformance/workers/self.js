/* One Worker that holds the cases and the callee's entrypoints, bound to itself. */
import "./cases.js";
import { serveCases } from "./harness.js";

export * from "./callee.js";
export { Flow, Holder, helpers } from "./holder.js";
export default { fetch: serveCases };
