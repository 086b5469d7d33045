import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";

interface Store {
  get(key: string, type: "json"): Promise<string[] | null>;
  put(key: string, value: string): Promise<void>;
}

const app = new Hono<{ Bindings: { TODOS: Store } }>().basePath("/api");
app.get("/todos", async (c) => c.json((await c.env.TODOS.get("all", "json")) ?? []));
app.post("/todos", async (c) => {
  const { text } = await c.req.json<{ text?: string }>();
  if (!text) throw new HTTPException(422, { message: "text is missing" });
  const all = (await c.env.TODOS.get("all", "json")) ?? [];
  all.push(text);
  await c.env.TODOS.put("all", JSON.stringify(all));
  return c.json({ count: all.length }, 201);
});
app.get("/echo/:name", (c) =>
  c.text(`hello ${c.req.param("name")}`, 200, { "x-query": c.req.query("q") ?? "" }),
);
app.onError((error, c) =>
  error instanceof HTTPException ? error.getResponse() : c.text(error.message, 500),
);
export default app;
