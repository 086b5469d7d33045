/**
 * Main program of a storage thread (protocol/storage.ts): takes links to Workers' threads from the
 * host and serves the resources that they name. Bundled to dist/storage-thread.js. Owned by
 * host/storage-threads.ts, which starts it again when it dies.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { ParseMail } from "../protocol/mail.ts";
import {
  type HostToStorage,
  type StorageThreadData,
  type StorageToHost,
  storageGroupFor,
} from "../protocol/storage.ts";
import { RpcContext } from "../rpc/context.ts";
import type { AcceptedSession, RpcHost, SessionOpen } from "../rpc/contract.ts";
import { RpcEngine } from "../rpc/engine.ts";
import { createPortTransport } from "../rpc/transports/message-port.ts";
import { streamPlatform } from "../web/streams/platform.ts";
import { receiveMail } from "./mail/receive.ts";
import { Broker } from "./queues/broker.ts";
import { Relay } from "./queues/relay.ts";
import { PublicObjects } from "./r2/public-address.ts";
import { Resources } from "./resources.ts";
import { calls } from "./streams.ts";

if (parentPort === null) throw new Error("This is a thread of the host.");
const host = parentPort;
const { root, mailFolder, group, statements } = workerData as StorageThreadData;
const resources = new Resources({
  root,
  createBroker: (folder) =>
    new Broker({
      root: folder,
      send: (message, moves) => host.postMessage(message satisfies StorageToHost, moves),
      relay: new Relay(engine),
    }),
  mail: {
    folder: mailFolder,
    tell: (remark) => host.postMessage(remark satisfies StorageToHost),
  },
  statements,
});
const publicObjects = new PublicObjects(root);

const surroundings: RpcHost = {
  flags: {
    rpc: true,
    rpcParamsDupStubs: true,
    enhancedErrorSerialization: true,
    abortSignalRpc: true,
    fetcherHasGetPutDelete: false,
    serviceBindingExtraHandlers: false,
  },
  valueTypes: [],
  streams: streamPlatform,
  currentContext: () => calls.getStore(),
  runInContext: (context, fn) => calls.run(context, fn),
  channelFor: ({ service }) => {
    throw new Error(`A resource calls nobody: ${service}.`);
  },
  accept,
  // What a call fails with is told to its caller.
  report: () => {},
};

function accept({ target, trace }: SessionOpen): AcceptedSession {
  const context = new RpcContext({ trace, kind: "request" });
  return {
    context,
    lookup: "class",
    target: () => {
      // A broker's socket is open to other sessions.
      if (storageGroupFor(target.entrypoint) !== group)
        throw new Error("There is no such resource.");
      return resources.get(target.entrypoint, target.props?.id);
    },
    event: (name) => {
      throw new Error(`Handler does not export a ${name}() function.`);
    },
    finished: (reason) => context.end(reason),
  };
}

const engine: RpcEngine = new RpcEngine(surroundings);

host.on("message", (message: HostToStorage) => {
  if (message.type === "link") {
    engine.openLink(createPortTransport(message.port), message.peer);
    return;
  }
  if (message.type === "public-object") {
    void publicObjects.serve(message);
    return;
  }
  if (message.type === "parse-mail") {
    void answerMail(message);
    return;
  }
  if (message.type !== "close") {
    resources.broker.onMessage(message);
    return;
  }
  void Promise.all([resources.close(), publicObjects.close()]).then(() => {
    host.postMessage({ type: "closed" } satisfies StorageToHost);
  });
});

/** Never rejects. */
async function answerMail({ mail, worker, port }: ParseMail): Promise<void> {
  const parsed = await receiveMail(mail, (level, text) =>
    host.postMessage({ type: "mail-remark", worker, level, text } satisfies StorageToHost),
  );
  port.postMessage(parsed);
}
