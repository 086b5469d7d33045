/**
 * `node test/parity/objects/record.js <origin>` keeps the answers of the real runtime: run
 * `wrangler dev` on a copy of this folder (Node 22 or newer), give its address.
 */
import { writeFileSync } from "node:fs";
import { askAll } from "./probes.js";

const [origin] = process.argv.slice(2);
if (origin === undefined) throw new Error("Give the address of `wrangler dev`.");
const file = new URL("answers.json", import.meta.url);
writeFileSync(file, `${JSON.stringify(await askAll(origin), null, 1)}\n`);
