/* The app of fixtures/react, as Vite built it, with its API. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { navigate } from "./requests.js";

const react = resolve(import.meta.dirname, "../../../fixtures/react");

/** @type {import("./cases.d.ts").Project} */
export const reactProject = {
  name: "react",
  assets: { not_found_handling: "single-page-application", run_worker_first: ["/api/*"] },
  main: readFileSync(join(react, "worker/index.js"), "utf8"),
  files: filesBelow(join(react, "built")),
  requests: [
    ["GET", "/"],
    ["GET", "/", { "accept-encoding": "gzip, br" }],
    ...Object.keys(filesBelow(join(react, "built"))).map((path) => [
      "GET",
      `/${path}`,
      { "accept-encoding": "br" },
    ]),
    ["GET", "/notes/1", navigate],
    ["GET", "/notes/1"],
    ["GET", "/assets/gone.js"],
    ["GET", "/api/notes"],
    ["POST", "/api/notes"],
    ["GET", "/api/notes"],
    ["GET", "/api/nope", navigate],
  ],
};

/** @param {string} folder with text files only */
function filesBelow(folder) {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    paths.map((path) => [
      path
        .slice(folder.length + 1)
        .split(sep)
        .join("/"),
      readFileSync(path, "utf8"),
    ]),
  );
}
