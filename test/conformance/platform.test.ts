import { conformance, oneSession } from "./suite.ts";
import { PLATFORM, PLATFORM_DATES } from "./topologies.js";

const topology = { name: "platform", workers: PLATFORM, sets: PLATFORM_DATES };
await conformance(topology, "the platform inside one Worker", oneSession);
