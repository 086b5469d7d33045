import "./cases.js";
import { serveCases } from "./harness.js";

export { Flow, Holder, helpers } from "./holder.js";
export default { fetch: serveCases };
