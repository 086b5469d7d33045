/**
 * Which modules of a Worker's thread are evaluated late: compiled and run with the first call of one of their
 * functions, not while the thread boots. Most Workers use few of them, and every boot, every reload and every idle
 * thread pays for what is evaluated at once: nearly half of the runtime is behind these.
 *
 * A group is one function in dist/runtime.cjs (late-modules.js): its entries and all that nothing else imports. The
 * sources import an entry like any other module; the build puts a function in front of each function that it exports.
 * So an entry exports functions alone, unless it is only ever imported by `import()`. What two groups share
 * is evaluated at boot, and so is what captures members of Node's modules. `LATE_REPORT=1 node scripts/build-runtime.js`
 * prints what is shared, and the size of each group and of the rest.
 */

/** Entries by the name of their group; paths below dist/, without `.js`. */
export const LATE_GROUPS = {
  // Bindings.
  analytics: ["runtime/bindings/small/analytics"],
  d1: ["runtime/bindings/d1/database"],
  images: ["runtime/bindings/small/images"],
  kv: ["runtime/bindings/kv/kv-namespace"],
  loader: ["runtime/bindings/loader/worker-loader"],
  queues: ["runtime/bindings/queues/worker-queue"],
  r2: ["runtime/bindings/r2/bucket"],
  rateLimit: ["runtime/bindings/small/rate-limit"],
  testAccess: ["runtime/bindings/env-access"],
  connect: ["runtime/bindings/connect"],
  // Events and other lives.
  dynamic: ["runtime/dynamic"],
  events: ["runtime/events/open-event"],
  tails: ["runtime/tail/tailed-worker", "runtime/tail/consume", "runtime/tail/items"],
  serviceWorker: ["runtime/service-worker"],
  storedValues: ["durable-objects/storage/value-reader", "durable-objects/storage/value-writer"],
  durableObjects: ["runtime/durable-objects", "runtime/globals/api-objects"],
  // Modules of Node.
  nodeMakers: ["node/module-makers"],
  nodeSurface: ["node/surface"],
  nodeAssert: ["node/assert"],
  nodeAsyncHooks: ["node/async-hooks"],
  nodeCrypto: [
    "node/crypto",
    "node/crypto-callbacks",
    "node/crypto-limits",
    "node/crypto-refusals",
  ],
  nodeDiagnostics: ["node/diagnostics-channel"],
  nodeDns: ["node/dns/dns"],
  nodeFs: ["node/fs/fs-module"],
  nodeHttp: ["node/http/http", "node/net/net", "runtime/loader/cloudflare-node"],
  nodeHttp2: ["node/http2"],
  nodeModule: ["node/module-module"],
  nodeStubs: ["node/stubs-engine", "node/stubs-process"],
  nodeUtil: ["node/util"],
  nodeZlib: ["node/zlib"],
  // The Web platform.
  cryptoChecks: ["web/scope/crypto-checks"],
  cryptoOdd: ["web/scope/crypto-odd", "web/scope/crypto-rsa"],
  htmlRewriter: ["web/html-rewriter/transform"],
  textDecoder: ["web/encoding/older-cjk", "web/encoding/legacy-tables"],
  urlPattern: ["web/scope/url-pattern-standard"],
  streamPipe: ["web/streams/core/pipe"],
  streamFrom: ["web/streams/core/from"],
  sentWebSockets: ["web/websocket/streams"],
  multipart: ["web/forms/multipart"],
  performance: ["web/scope/performance"],
  zlibStreams: ["web/streams/zlib-codec"],
  tees: ["web/streams/core/byte-tee", "web/streams/core/tee", "web/streams/core/native-tee"],
  // What threads of other processes and errors need.
  traceMaps: ["isolate/errors/trace-maps"],
  network: ["runtime/outbound/network-port"],
  socketTransport: ["rpc/transports/socket"],
};
