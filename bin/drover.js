#!/usr/bin/env -S node --
import { createRequire } from "node:module";

const { main } = createRequire(import.meta.url)("../dist/programs/drover.cjs");
await main(process.argv.slice(2));
