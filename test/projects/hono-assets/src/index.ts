import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";

const app = new Hono<{
  Bindings: { API: { fetch: typeof fetch }; ASSETS: { fetch: typeof fetch } };
}>();
app.use("/api/*", secureHeaders());
app.all("/api/*", async (c) => {
  const response = await c.env.API.fetch(c.req.raw);
  // Its headers are immutable.
  return new Response(response.body, response);
});
app.notFound((c) => c.env.ASSETS.fetch(c.req.raw));
export default app;
