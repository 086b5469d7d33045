/**
 * Entry of the host process: forked by the session (dist/host/main.js) with
 * `serialization: "advanced"`.
 */
import { runHostProcess } from "./host-process.ts";
import { openRuntime } from "./runtime-source.ts";

runHostProcess(openRuntime());
