import { conformance, oneSession } from "./suite.ts";
import { OLDER, OLDER_DATES, PLATFORM, PLATFORM_DATES } from "./topologies.js";

const topology = { name: "platform", workers: PLATFORM, sets: PLATFORM_DATES };
await conformance(topology, "the platform inside one Worker", oneSession);

const older = { name: "older", workers: OLDER, sets: OLDER_DATES };
await conformance(older, "the platform at early dates", oneSession);
