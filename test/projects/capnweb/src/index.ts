import {
  newHttpBatchRpcSession,
  newWebSocketRpcSession,
  newWorkersRpcResponse,
  RpcTarget,
} from "capnweb";

interface Env {
  SERVER: { fetch: typeof fetch };
  // biome-ignore lint/suspicious/noExplicitAny: what a server offers
  NATIVE: any;
}

const told = async (run: () => unknown): Promise<unknown> => {
  try {
    return await run();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
};

/** Passes HTTP batches on to the server. */
// biome-ignore lint/suspicious/noExplicitAny: what a server offers
async function batch(run: (api: any) => Promise<unknown>, env: Env): Promise<unknown> {
  const sent = globalThis.fetch;
  globalThis.fetch = ((input: RequestInfo, init?: RequestInit) =>
    env.SERVER.fetch(input, init)) as never;
  try {
    return await run(newHttpBatchRpcSession("http://server/"));
  } finally {
    globalThis.fetch = sent;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: what a server offers
async function socket(env: Env): Promise<any> {
  const response = await env.SERVER.fetch("http://server/", { headers: { Upgrade: "websocket" } });
  const webSocket = (response as Response & { webSocket: WebSocket & { accept(): void } })
    .webSocket;
  webSocket.accept();
  return newWebSocketRpcSession(webSocket as never);
}

// biome-ignore lint/suspicious/noExplicitAny: what a server offers
async function calls(api: any): Promise<unknown> {
  const ada = api.user("ada");
  const heard: number[] = [];
  const values = [
    1n << 70n,
    new Date(0),
    new Uint8Array([1, 2]),
    undefined,
    [[1]],
    { a: Number.NaN },
  ];
  return {
    sum: await api.add(1, 2),
    pipelined: await Promise.all([ada.name, ada.friends()]),
    given: await told(() => api.user(ada.name).friends()),
    greeting: await ada.onGreeting((text: string) => text.toUpperCase()),
    counted: [await api.count((at: number) => void heard.push(at)), heard],
    echoed: (await Promise.all(values.map((value) => told(() => api.echo(value))))).map((value) =>
      typeof value === "bigint"
        ? `${value}n`
        : value instanceof Uint8Array
          ? [...value]
          : String(value),
    ),
    failed: await told(() => api.user("")),
    missing: await told(() => api.nothing()),
    unfit: await told(() => api.echo(new (class Mine {})())),
  };
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    switch (new URL(request.url).pathname) {
      case "/batch":
        return Response.json(
          await batch(async (api) => {
            const ada = api.user("ada");
            return Promise.all([
              ada.name,
              api.add(1, 2),
              api.names().map((name: never) => api.user(name).friends()),
              told(() => api.user("")),
              told(() => api.user("").name),
            ]);
          }, env),
        );
      case "/socket": {
        using api = await socket(env);
        return Response.json(await calls(api));
      }
      case "/map": {
        using api = await socket(env);
        const names = api.names();
        return Response.json(
          await names.map((name: never) => ({ name, of: api.user(name).friends() })),
        );
      }
      case "/streams": {
        using api = await socket(env);
        const { readable, writable } = new TransformStream<string, string>();
        const lengths = api.lengths(readable);
        const writer = writable.getWriter();
        for (const text of ["a", "bcd", ""]) await writer.write(text);
        await writer.close();
        const letters: string[] = [];
        for await (const letter of await api.letters("héy")) letters.push(letter);
        return Response.json([await lengths, letters]);
      }
      case "/native": {
        using api = await env.NATIVE.api();
        return Response.json(await told(() => calls(api)));
      }
      case "/over-native": {
        // A stub of the runtime goes out over capnweb to a client here.
        using native = await env.NATIVE.api();
        class Front extends RpcTarget {
          api() {
            return native.dup();
          }
        }
        const [client, server] = Object.values(new WebSocketPair());
        server?.accept();
        client?.accept();
        newWebSocketRpcSession(server as never, new Front());
        using front = newWebSocketRpcSession<Front>(client as never);
        // biome-ignore lint/suspicious/noExplicitAny: what a server offers
        const api = front.api() as any;
        return Response.json([
          await api.add(2, 3),
          await api.user("grace").name,
          await told(() => api.user("")),
        ]);
      }
      case "/rpc":
        return newWorkersRpcResponse(request, {});
    }
    return new Response("not found", { status: 404 });
  },
};
