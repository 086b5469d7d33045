/* A host process whose threads run fake-thread.js instead of the runtime. */
import { runHostProcess } from "../../../../dist/host/host-process.js";

runHostProcess({
  entry: new URL("./fake-thread.js", import.meta.url),
  execArgv: [],
  data: () => ({ runtimeSource: new SharedArrayBuffer(0), runtimeCodeCache: null }),
  onCodeCache: () => {},
  loadHttpClient: () => import("undici"),
});
