import { conformance, oneSession } from "./suite.ts";

await conformance("forwarded", "through a forwarding third Worker", oneSession);
