import { conformance, oneSession } from "./suite.ts";

await conformance("pair", "two Workers of one session", oneSession);
