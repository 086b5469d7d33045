import { cache, createContext, Suspense, use, useId } from "react";
import { renderToReadableStream, renderToStaticMarkup, renderToString } from "react-dom/server";
import { prerender } from "react-dom/static";

const Theme = createContext("light");
const later = (value: string, ms: number) =>
  new Promise<string>((resolve) => setTimeout(resolve, ms, value));
const named = cache((name: string) => `cached ${name}`);

function Waits({ on }: { on: Promise<string> }) {
  return <b title={use(Theme)}>{use(on)}</b>;
}
async function Awaits({ on }: { on: Promise<string> }) {
  return <i>{await on}</i>;
}
function Broken({ on }: { on: Promise<string> }): never {
  throw new Error(`broken after ${use(on)}`);
}
function Field() {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>{named("é")}</label>
      <input id={id} defaultValue={'"quoted"'} disabled />
    </>
  );
}
interface Parts {
  slow: Promise<string>;
  first?: Promise<string>;
  broken?: Promise<string>;
}
function Page({ slow, first = later("async <component>", 5), broken }: Parts) {
  return (
    <html lang="en">
      <head>
        <title>Page</title>
        <link rel="stylesheet" href="/a.css" precedence="default" />
      </head>
      <body>
        <Theme value="dark">
          <Field />
          <Suspense fallback={<p>loading</p>}>
            <Waits on={slow} />
          </Suspense>
          <Suspense fallback={<p>loading more</p>}>
            <Awaits on={first} />
          </Suspense>
          {broken && (
            <Suspense fallback={<p>instead</p>}>
              <Broken on={broken} />
            </Suspense>
          )}
        </Theme>
      </body>
    </html>
  );
}

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const errors: string[] = [];
    const onError = (error: unknown) => {
      errors.push((error as Error).message);
      return "digest";
    };
    const html = { headers: { "content-type": "text/html" } };
    switch (pathname) {
      case "/stream": {
        // Each part is there only once the one before it has left.
        const first = Promise.withResolvers<string>();
        const slow = Promise.withResolvers<string>();
        const page = <Page slow={slow.promise} first={first.promise} />;
        const body = await renderToReadableStream(page, {
          bootstrapScripts: ["/client.js"],
          nonce: "n",
          onError,
        });
        let text = "";
        const watch = new TransformStream<string, string>({
          transform(part, controller) {
            controller.enqueue(part);
            text += part;
            if (text.includes('id="_R_"')) first.resolve("async <component>");
            if (text.includes('id="S:1"')) slow.resolve("slow");
          },
        });
        const parts = body.pipeThrough(new TextDecoderStream()).pipeThrough(watch);
        return new Response(parts.pipeThrough(new TextEncoderStream()), html);
      }
      case "/ready": {
        const stream = await renderToReadableStream(<Page slow={later("slow", 10)} />, { onError });
        await stream.allReady;
        return new Response(stream, html);
      }
      case "/broken": {
        const page = <Page slow={later("slow", 5)} broken={later("a while", 20)} />;
        const stream = await renderToReadableStream(page, { onError });
        const text = await new Response(stream).text();
        return Response.json({ errors, digest: text.includes('"digest"') });
      }
      case "/shell": {
        const Fails = () => {
          throw new Error("no shell");
        };
        try {
          await renderToReadableStream(<Fails />, { onError });
        } catch (error) {
          return Response.json({ errors, caught: (error as Error).message });
        }
        break;
      }
      case "/abort": {
        const controller = new AbortController();
        const { signal } = controller;
        const never = new Promise<string>(() => {});
        const stream = await renderToReadableStream(<Page slow={never} />, { signal, onError });
        controller.abort(new Error("gave up"));
        const text = await new Response(stream).text();
        return Response.json({ errors, fallback: text.includes("<p>loading</p>") });
      }
      case "/static": {
        const { prelude } = await prerender(<Page slow={later("slow", 5)} />, { onError });
        return new Response(prelude, html);
      }
      case "/string":
        return Response.json([renderToString(<Field />), renderToStaticMarkup(<Field />)]);
    }
    return new Response("not found", { status: 404 });
  },
};
