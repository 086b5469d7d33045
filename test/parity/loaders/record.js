/**
 * `node test/parity/loaders/record.js <origin>` keeps the answers of the real runtime: run
 * `wrangler dev` on a copy of the folder `workers` (Node 22 or newer), give its address.
 */
import { writeFileSync } from "node:fs";
import { askAll } from "./exchanges.js";

const [origin] = process.argv.slice(2);
if (origin === undefined) throw new Error("Give the address of `wrangler dev`.");
const answers = await askAll((path) => fetch(new URL(path, origin)));
const file = new URL("answers.json", import.meta.url);
writeFileSync(file, `${JSON.stringify(answers, null, 1)}\n`);
