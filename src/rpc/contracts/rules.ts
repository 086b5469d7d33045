/** What may be in a value that is encoded; no code. */

/**
 * "rpc": arguments and results (spec/rpc.md 2.1-2.3). "event": of an event that is not RPC, where
 * more may travel. "data": as RPC, but nothing may be inside that travels by reference. "clone":
 * structured clone, where an instance of a class of the application is a plain object (thrown
 * values, reasons of signals that fire later, `structuredClone`). "props": what `ctx.props` may
 * hold, data and ServiceStubs (spec/rpc.md 5).
 */
export type EncodeRules = "rpc" | "event" | "data" | "clone" | "props";
