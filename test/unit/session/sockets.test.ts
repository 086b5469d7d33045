import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { expect, test } from "vitest";
import { type BoundPort, bindPort } from "../../../src/session/sockets.ts";

async function listen(port: number, host = "127.0.0.1"): Promise<Server & AsyncDisposable> {
  const server = createServer().listen(port, host);
  await once(server, "listening");
  return Object.assign(server, {
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

test("port 0 is any port, the same on both loopback addresses", async () => {
  using bound = await bindPort({ ip: "localhost", port: 0 });
  expect(bound.port).toBeGreaterThan(0);
  for (const { handle } of bound.sockets) {
    const name: { port?: number } = {};
    expect(handle.getsockname(name)).toBe(0);
    expect(name.port).toBe(bound.port);
  }
  expect(bound.sockets[0]?.address).toBe("127.0.0.1");
});

test("an explicit port that is taken is an error with exit code 4", async () => {
  await using other = await listen(0);
  const port = portOf(other);
  await expect(bindPort({ ip: "localhost", port })).rejects.toMatchObject({
    code: "PORT_TAKEN",
    exitCode: 4,
    message: `Address already in use (localhost:${port}). Please check that you are not already running a server on this address or specify a different port with --port.`,
  });
});

test("an implicit port moves on from ports that are in use or to be avoided", async () => {
  using first: BoundPort = await bindPort({ ip: "127.0.0.1", port: undefined });
  using second = await bindPort({
    ip: "127.0.0.1",
    port: undefined,
    avoid: new Set([first.port]),
  });
  expect(second.port).not.toBe(first.port);
});

test("a foreign address and an unknown host are errors with exit code 4", async () => {
  await expect(bindPort({ ip: "192.0.2.1", port: 0 })).rejects.toMatchObject({
    code: "PORT_UNUSABLE",
    exitCode: 4,
  });
  await expect(bindPort({ ip: "nowhere.invalid", port: 0 })).rejects.toMatchObject({
    code: "PORT_UNUSABLE",
  });
});

test("a released port can be bound again", async () => {
  const bound = await bindPort({ ip: "127.0.0.1", port: 0 });
  const { port } = bound;
  bound[Symbol.dispose]();
  using again = await bindPort({ ip: "127.0.0.1", port });
  expect(again.port).toBe(port);
});
