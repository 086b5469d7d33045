#!/usr/bin/env -S node --
import module from "node:module";

// Node >= 22.8 keeps compiled code on disk: a faster start from the second time on.
module.enableCompileCache?.();
const { main } = await import("../dist/cli/main.js");
await main(process.argv.slice(2));
