import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";
import { HTTPException } from "hono/http-exception";
import { validator } from "hono/validator";

interface Book {
  id: string;
  title: string;
}
const books: Book[] = [];

const app = new Hono()
  .get("/books/:id", (c) => {
    const book = books.find(({ id }) => id === c.req.param("id"));
    if (book === undefined) throw new HTTPException(404, { message: "no such book" });
    return c.json(book);
  })
  .get("/books", (c) => c.json({ books, q: c.req.query("q") ?? null }))
  .post(
    "/books",
    validator("json", (value: { title?: unknown }, c) => {
      if (typeof value.title !== "string") return c.json({ error: "title is missing" }, 400);
      return { title: value.title };
    }),
    (c) => {
      const book = { id: String(books.length + 1), title: c.req.valid("json").title };
      books.push(book);
      return c.json(book, 201);
    },
  )
  .post(
    "/upload",
    validator("form", (value) => value as { file: File; tags: string }),
    async (c) => {
      const { file, tags } = c.req.valid("form");
      return c.json({ name: file.name, type: file.type, text: await file.text(), tags });
    },
  )
  .get("/private", basicAuth({ username: "ada", password: "engine" }), (c) => c.text("inside"));

app.onError((error, c) =>
  error instanceof HTTPException ? error.getResponse() : c.text(error.message, 500),
);

export type Api = typeof app;
export default app;
