import "./cases.js";
import { serveCases } from "./harness.js";

export { Holder } from "./holder.js";
export default { fetch: serveCases };
