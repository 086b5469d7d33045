import {
  AutoRouter,
  cors,
  error,
  html,
  json,
  StatusError,
  withContent,
  withParams,
} from "itty-router";
import { keys } from "./keys";
import { validated } from "./shapes";

const { preflight, corsify } = cors({
  origin: "https://example.com",
  allowMethods: ["GET", "PUT"],
});
const router = AutoRouter({ before: [preflight], finally: [corsify] });

router
  .get("/hello/:name?", ({ name = "nobody" }) => `hello ${name}`)
  .get("/files/:path+", ({ path, query }) => ({ path, query }))
  .get("/html", () => html("<p>é</p>"))
  .get("/teapot", () => {
    throw new StatusError(418, { short: "and stout" });
  })
  .get("/broken", () => {
    throw new Error("broken");
  })
  .get("/error", () => error(409, "already"))
  .all("/content", withContent, ({ content }) => ({ content: content ?? null }))
  .get("/params/:a/:b", withParams, ({ a, b }) => json([a, b], { status: 201 }))
  .post("/shapes", async (request) => validated(await request.json()))
  .get("/keys/:what", ({ what, url }) => {
    const run = keys[what];
    return run === undefined ? error(404) : run(new URL(url));
  });

export default router;
