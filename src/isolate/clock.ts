/**
 * What the runtime means by `performance`: Node's, whose module takes half a millisecond to load, with the first use.
 * The build puts it in place of the global in all code of a Worker's thread (scripts/build-runtime.js).
 */
import { nodePerformance } from "../util/late-modules.ts";

export const performance: Pick<typeof globalThis.performance, "now" | "timeOrigin" | "nodeTiming"> =
  {
    now: () => nodePerformance().now(),
    get timeOrigin() {
      return nodePerformance().timeOrigin;
    },
    get nodeTiming() {
      return nodePerformance().nodeTiming;
    },
  };
