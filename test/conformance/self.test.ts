import { conformance, oneSession } from "./suite.ts";

await conformance("self", "one Worker, bound to itself", oneSession);
