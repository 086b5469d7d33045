/**
 * Checks what a session sent to the daemon, field by field: the daemon is shared by all sessions,
 * so nothing that one of them sends is taken on trust. The result holds known fields only.
 * A session checks of the daemon's messages only that it is a daemon that speaks.
 */
import type {
  ClientMessage,
  DaemonMessage,
  HelloMessage,
  LocalData,
  SessionInfo,
  WorkerAnnouncement,
  WorkspaceInfo,
} from "../protocol/registry.ts";
import type { EntrypointInfo } from "../protocol/worker-spec.ts";

const MAX_TEXT = 4096;
const MAX_NAME = 255;
const MAX_ITEMS = 1000;
const ENTRYPOINT_KINDS: ReadonlySet<unknown> = new Set<EntrypointInfo["kind"]>([
  "class",
  "object",
  "durable-object",
  "workflow",
  "legacy-durable-object",
]);
const WORKSPACE_KINDS: ReadonlySet<unknown> = new Set<WorkspaceInfo["kind"]>([
  "git",
  "lockfile",
  "folder",
]);

/** A message that breaks the protocol: the daemon ends the connection it came on. */
export class MessageError extends Error {}
MessageError.prototype.name = "MessageError";

/** The lists and objects that each message of the daemon must have. */
const DAEMON_MESSAGES: Readonly<Record<DaemonMessage["type"], readonly string[]>> = {
  welcome: ["daemon", "workers"],
  incompatible: ["daemon", "workers"],
  registered: [],
  conflict: ["holder"],
  promoted: [],
  lost: ["holder"],
  update: ["changed", "gone"],
  stopping: [],
};

/** Throws MessageError. */
export function parseDaemonMessage(value: unknown): DaemonMessage {
  const message = asRecord(value, "message");
  const type = String(message.type);
  const parts = Object.hasOwn(DAEMON_MESSAGES, type)
    ? DAEMON_MESSAGES[type as DaemonMessage["type"]]
    : undefined;
  if (parts?.every((part) => typeof message[part] === "object" && message[part] !== null)) {
    return value as DaemonMessage;
  }
  throw new MessageError("no message of a daemon");
}

/** Throws MessageError. */
export function parseClientMessage(value: unknown): ClientMessage {
  const message = asRecord(value, "message");
  switch (message.type) {
    case "hello":
      return parseHello(message);
    case "announce":
      return {
        type: "announce",
        request: asNumber(message.request, "request"),
        worker: parseAnnouncement(message.worker),
        since: asNumber(message.since, "since"),
        heldBefore: message.heldBefore === true,
        takeover: message.takeover === true,
      };
    case "withdraw":
      return { type: "withdraw", name: asName(message.name) };
    case "names":
      return { type: "names", workers: asList(message.workers, "workers", asName) };
    case "stop":
      return { type: "stop" };
    default:
      throw new MessageError("unknown type of message");
  }
}

function parseHello(message: Readonly<Record<string, unknown>>): HelloMessage {
  return {
    type: "hello",
    protocol: asNumber(message.protocol, "protocol"),
    id: asText(message.id, "id", MAX_NAME),
    role: message.role === "observer" ? "observer" : "session",
    session: parseSession(message.session),
    workspace: parseWorkspace(message.workspace),
  };
}

function parseSession(value: unknown): SessionInfo {
  const session = asRecord(value, "session");
  return {
    pid: asNumber(session.pid, "pid"),
    cwd: asText(session.cwd, "cwd"),
    version: asText(session.version, "version", MAX_NAME),
    startedAt: asNumber(session.startedAt, "startedAt"),
  };
}

function parseWorkspace(value: unknown): WorkspaceInfo {
  const workspace = asRecord(value, "workspace");
  const kind = workspace.kind;
  if (!WORKSPACE_KINDS.has(kind)) throw new MessageError("workspace.kind");
  return {
    root: asText(workspace.root, "root"),
    kind: kind as WorkspaceInfo["kind"],
    repository: asList(workspace.repository, "repository", (item) => asText(item, "repository")),
  };
}

function parseAnnouncement(value: unknown): WorkerAnnouncement {
  const worker = asRecord(value, "worker");
  const { address, failure, url, configPath, environment, queues, localData, workspace } = worker;
  return {
    name: asName(worker.name),
    entrypoints: asList(worker.entrypoints, "entrypoints", parseEntrypoint),
    durableObjectClasses: asList(worker.durableObjectClasses, "durableObjectClasses", (item) =>
      asText(item, "class", MAX_NAME),
    ),
    address: address === null ? null : asText(address, "address", MAX_NAME),
    generation: asNumber(worker.generation, "generation"),
    ready: worker.ready === true,
    ...(failure === undefined ? {} : { failure: asText(failure, "failure") }),
    ...(url === undefined ? {} : { url: asText(url, "url") }),
    ...(configPath === undefined ? {} : { configPath: asText(configPath, "configPath") }),
    ...(environment === undefined ? {} : { environment: asText(environment, "environment") }),
    ...(queues === undefined ? {} : { queues: parseQueues(queues) }),
    ...(localData === undefined ? {} : { localData: parseLocalData(localData) }),
    ...(workspace === undefined ? {} : { workspace: parseWorkspace(workspace) }),
  };
}

function parseLocalData(value: unknown): LocalData {
  const { root, configFolder } = asRecord(value, "localData");
  return {
    root: asText(root, "localData.root"),
    configFolder: asText(configFolder, "localData.configFolder"),
  };
}

function parseQueues(value: unknown): NonNullable<WorkerAnnouncement["queues"]> {
  const queues = asRecord(value, "queues");
  return {
    names: asList(queues.names, "queues", (item) => asText(item, "queue", MAX_NAME)),
    address: asText(queues.address, "queues.address", MAX_NAME),
  };
}

function parseEntrypoint(value: unknown): EntrypointInfo {
  const entrypoint = asRecord(value, "entrypoint");
  const kind = entrypoint.kind;
  if (!ENTRYPOINT_KINDS.has(kind)) throw new MessageError("entrypoint.kind");
  return {
    name: asText(entrypoint.name, "entrypoint.name", MAX_NAME),
    kind: kind as EntrypointInfo["kind"],
    methods: asList(entrypoint.methods, "methods", (item) => asText(item, "method")),
  };
}

function asRecord(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MessageError(what);
  }
  return value as Readonly<Record<string, unknown>>;
}

function asNumber(value: unknown, what: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new MessageError(what);
  return value as number;
}

function asText(value: unknown, what: string, limit = MAX_TEXT): string {
  if (typeof value !== "string" || value.length > limit) throw new MessageError(what);
  return value;
}

function asName(value: unknown): string {
  const name = asText(value, "name", MAX_NAME);
  if (name === "") throw new MessageError("empty name");
  return name;
}

function asList<T>(value: unknown, what: string, parse: (item: unknown) => T): T[] {
  if (!Array.isArray(value) || value.length > MAX_ITEMS) throw new MessageError(what);
  return value.map((item) => parse(item));
}
