import { describe } from "vitest";
import { createTransportPair, transportNames } from "../unit/rpc/harness.ts";
import { transportContract } from "./transport.ts";

describe.each(transportNames)("transport %s", (name) => {
  transportContract(() => createTransportPair(name));
});
