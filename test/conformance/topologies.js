/*
 * Who runs which Worker and who is bound to whom, as data. Made into wrangler configs for drover
 * (test/conformance) and into a workerd config (test/parity). The first Worker holds the cases.
 */

/** Compatibility dates and flags of the two sets that cases run under. */
export const FLAGS = {
  modern: {
    date: "2026-11-01",
    flags: ["enable_abortsignal_rpc", "enable_request_signal", "experimental"],
  },
  legacy: {
    date: "2025-01-01",
    flags: ["rpc_params_transfer_stubs", "legacy_error_serialization", "disable_ctx_exports"],
  },
};

const callee = {
  name: "callee",
  main: "callee-worker.js",
  services: { PEER: { service: "callee" } },
};

/** Beside every topology: Workers with an old date or flags of their own, and ones without default export. */
const beside = (service, entrypoint) => [
  {
    name: "dated",
    main: "dated.js",
    date: "2024-01-01",
    flags: ["nonclass_entrypoint_reuses_ctx_across_invocations"],
    services: { PEER: { service, ...entrypoint } },
  },
  {
    name: "ancient",
    main: "ancient.js",
    date: "2022-01-01",
    flags: ["rpc"],
    services: { PEER: { service, ...entrypoint } },
  },
  {
    name: "relay",
    main: "relay.js",
    date: "2026-11-01",
    flags: ["enable_request_signal", "request_signal_passthrough", "enable_abortsignal_rpc"],
    services: { PEER: { service, ...entrypoint } },
  },
  { name: "only-class", main: "only-class.js", services: {} },
  { name: "two-classes", main: "two-classes.js", services: {} },
];

/** Bindings of the Worker that holds the cases, by which Worker and which entrypoints answer them. */
const bindings = (self, service, names) => ({
  SELF: { service: self },
  PEER: { service, ...(names.peer ? { entrypoint: names.peer } : {}) },
  HANDLERS: { service, entrypoint: names.handlers },
  NO_FETCH: { service, entrypoint: "NoFetch" },
  BAD_CONSTRUCTOR: { service, entrypoint: "BadConstructor" },
  FETCHER: { service, entrypoint: names.fetcher },
  INHERITING: { service, entrypoint: "Inheriting" },
  DATED: { service: "dated" },
  ANCIENT: { service: "ancient" },
  RELAY: { service: "relay" },
  ONLY_CLASS: { service: "only-class" },
  TWO_CLASSES: { service: "two-classes" },
  WITH_PROPS: {
    service: service === "forwarder" ? "callee" : service,
    entrypoint: "Peer",
    props: { answer: 42, list: ["a"] },
  },
});

export const TOPOLOGIES = {
  /** Same Worker, self binding. */
  self: [
    {
      name: "self",
      main: "self.js",
      services: bindings("self", "self", {
        peer: "Peer",
        handlers: "handlers",
        fetcher: "fetcher",
      }),
    },
    ...beside("self", { entrypoint: "Peer" }),
  ],
  /** Two Workers of one session. */
  pair: [
    {
      name: "caller",
      main: "caller.js",
      services: bindings("caller", "callee", { handlers: "handlers", fetcher: "fetcher" }),
    },
    callee,
    ...beside("callee", {}),
  ],
  /** Through a forwarding third Worker. */
  forwarded: [
    {
      name: "caller",
      main: "caller.js",
      services: bindings("caller", "forwarder", { handlers: "Handlers", fetcher: "Fetcher" }),
    },
    {
      name: "forwarder",
      main: "forwarder.js",
      services: bindings("forwarder", "callee", { handlers: "handlers", fetcher: "fetcher" }),
    },
    callee,
    ...beside("callee", {}),
  ],
};

/*
 * Cases of spec/platform.md: one Worker, no RPC, at dates between which production changed.
 */
export const PLATFORM_DATES = {
  newest: { date: "2026-11-17", flags: [] },
  2025: { date: "2025-09-15", flags: [] },
  2024: { date: "2024-01-01", flags: [] },
};

export const PLATFORM = [
  { name: "platform", main: "platform.js", services: { SELF: { service: "platform" } } },
];

/*
 * The same at dates that only old projects have: one when accessors were own properties, one after.
 */
export const OLDER_DATES = {
  2021: { date: "2021-10-01", flags: [] },
  2022: { date: "2022-05-01", flags: [] },
};

export const OLDER = [
  { name: "older", main: "older.js", services: { SELF: { service: "older" } } },
];
