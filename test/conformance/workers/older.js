/* One Worker that holds the cases of spec/platform.md for dates before 2022-06. */
import "./older/shapes.js";
import "./older/urls.js";
import { serveCases } from "./harness.js";

export default { fetch: (request, env, ctx) => serveCases(request, env, ctx) };
