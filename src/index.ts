/**
 * The programmatic API: the same dev session that `drover dev` runs, without a terminal.
 *
 *     await using dev = await startDev({ configs: ["api/wrangler.toml", "auth/wrangler.jsonc"] });
 *     const response = await dev.fetch("/users");
 */
export type { FiredEvent, TestClock } from "./api/clock.ts";
export {
  type DevServer,
  type DevWorker,
  type EmailMessage,
  type EmailResult,
  type QueueMessage,
  type QueueResult,
  type ScheduledOptions,
  type ScheduledResult,
  startDev,
} from "./api/dev-server.ts";
export type { InlineConfig, StartDevOptions } from "./api/options.ts";
export type { OutboundHook } from "./api/outbound.ts";
export {
  type GetPlatformProxyOptions,
  getPlatformProxy,
  type PlatformProxy,
} from "./api/platform-proxy.ts";
export type { AnyMethods, Received, RpcResult, RpcStub } from "./api/rpc-types.ts";
export {
  type StartedWorker,
  type StartedWorkerConfig,
  unstable_startWorker,
} from "./api/start-worker.ts";
export type { StartWorkerBinding, StartWorkerInput } from "./api/start-worker-input.ts";
export {
  createTestHarness,
  type HarnessLog,
  type HarnessWorker,
  type TestHarness,
  type TestHarnessOptions,
  type TestHarnessWorker,
} from "./api/test-harness.ts";
export {
  type UnstableDevOptions,
  type UnstableDevWorker,
  unstable_dev,
} from "./api/unstable-dev.ts";
export type { EntrypointInfo } from "./protocol/worker-spec.ts";
export type { SessionEvent } from "./session/events.ts";
export { ExitCode, UserError } from "./util/errors.ts";
