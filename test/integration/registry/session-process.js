// A session without Workers to run: the registry client in a process of its own, driven over IPC by
// harness.ts. Plain JavaScript, because Node 20 cannot run the test's TypeScript in a child.
import net from "node:net";
import { RegistryClient } from "../../../dist/registry/client.js";

const options = JSON.parse(process.argv[2]);
const listeners = new Map();
let client;

const tell = (event, detail) => process.connected && process.send({ event, detail, list: list() });
const list = () => (client?.list() ?? []).map((worker) => `${worker.session.pid}:${worker.name}`);

const methods = {
  async listen() {
    const address = client.createSocketPath();
    const server = net.createServer((socket) => socket.on("error", () => {}).resume());
    await new Promise((resolve) => server.listen(address, resolve));
    listeners.set(address, server);
    return address;
  },
  announce: (worker, how) => client.announce(worker, how),
  withdraw: (name) => client.withdraw(name),
  resolve: (service) => client.resolve(service),
  list: () => client.list(),
  daemon: () => client.daemon ?? null,
  close: () => client.close(),
};

process.on("message", async ({ id, method, args }) => {
  try {
    process.send({ id, result: (await methods[method](...args)) ?? null });
  } catch (error) {
    process.send({ id, error: String(error) });
  }
});
process.on("disconnect", () => process.exit());

try {
  client = new RegistryClient({
    env: process.env,
    workspace: options.workspace,
    session: {
      pid: process.pid,
      cwd: options.cwd,
      version: options.version,
      startedAt: Date.now(),
    },
    ...(options.protocol === undefined ? {} : { protocol: options.protocol }),
    onChange: (services) => tell("change", services),
    onConflict: (name, holder) => tell("conflict", { name, holder }),
    onTakeover: (name) => tell("takeover", name),
    onLost: (name, holder) => tell("lost", { name, holder }),
    onState: (state) => tell("state", state.type),
  });
  await client.open();
  tell("open", null);
} catch (error) {
  process.send({ event: "failed", detail: { code: error.code, message: error.message }, list: [] });
}
