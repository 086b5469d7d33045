/**
 * Table of every kind of binding that wrangler knows: where it stands in a config, its friendly
 * name, what the bindings table shows for it and whether drover simulates it. Order of the table =
 * order of the groups in the bindings table (spec/wrangler.md 1.5, 2.5).
 */
import { hyperdriveSection } from "./hyperdrive.ts";
import { objectBindingSchema } from "./object-bindings.ts";
import { queueProducers } from "./queues.ts";
import { boolean, object, openObject, type Schema, string, table } from "./schema.ts";
import { sendEmailSection } from "./send-email.ts";
import { smallSection } from "./small-bindings.ts";
import { storeSection } from "./stores.ts";

type Item = Readonly<Record<string, unknown>>;

export interface BindingKind {
  /** Config key; a dot steps into a table ("durable_objects.bindings"). */
  readonly key: string;
  /** "list": array of tables. "single": one table. "map": name -> value. */
  readonly shape: "list" | "single" | "map";
  /** Field that holds the name in `env`. */
  readonly nameField: string;
  /** Friendly name of the resource, e.g. "KV Namespace". */
  readonly resource: string;
  /** Schema of one item. */
  readonly item: Schema;
  /** Schema of the whole section, where it is more than its shape and items. */
  readonly section?: Schema;
  /** Parenthesised value of its row. */
  readonly value: (item: Item) => string;
  /** Undefined: drover simulates it. Else what does not work, one sentence. */
  readonly effect: string | undefined;
  /** It exists in Cloudflare's network only: name of the class of its binding. */
  readonly remoteClass?: string;
}

const NOT_SIMULATED = "is not simulated yet: using the binding throws an error.";

function text(item: Item, ...fields: string[]): string {
  for (const field of fields) {
    const value = item[field];
    if (typeof value === "string" && value !== "") return value;
  }
  return "";
}

/** An unsupported kind that is a list of tables with a `binding` name. */
function list(
  key: string,
  resource: string,
  fields: Readonly<Record<string, Schema>>,
  value: BindingKind["value"] = () => "",
): BindingKind {
  const item = openObject({ binding: string, remote: boolean, ...fields }, "binding");
  const effect = `${resource} ${NOT_SIMULATED}`;
  return { key, shape: "list", nameField: "binding", resource, item, value, effect };
}

const NEEDS_NETWORK =
  "needs Cloudflare's network: the binding is there, and using it throws an error.";

function remote(kind: BindingKind, remoteClass = "Fetcher"): BindingKind {
  return { ...kind, remoteClass, effect: `${kind.resource} ${NEEDS_NETWORK}` };
}

/** A kind that is checked and resolved by small-bindings.ts. */
function small(
  key: string,
  resource: string,
  value: BindingKind["value"],
  nameField = "binding",
): BindingKind {
  const { shape, item } = list(key, resource, {});
  const section = smallSection(key);
  return { key, shape, nameField, resource, item, section, value, effect: undefined };
}

/** A kind whose items are stores of the state folder (stores.ts). */
function store(key: string, resource: string, value: BindingKind["value"]): BindingKind {
  const { shape, nameField, item } = list(key, resource, {});
  return {
    key,
    shape,
    nameField,
    resource,
    item,
    section: storeSection(key),
    value,
    effect: undefined,
  };
}

/** An unsupported kind that is one table with a `binding` name. */
function single(key: string, resource: string): BindingKind {
  return { ...list(key, resource, {}), shape: "single" };
}

function external(item: Item): string {
  const className = text(item, "class_name");
  const script = text(item, "script_name");
  return script === "" ? className : `${className}, defined in ${script}`;
}

export const BINDING_KINDS: readonly BindingKind[] = [
  {
    key: "data_blobs",
    shape: "map",
    nameField: "",
    resource: "Data Blob",
    item: string,
    value: () => "",
    effect: undefined,
  },
  {
    key: "durable_objects.bindings",
    shape: "list",
    nameField: "name",
    resource: "Durable Object",
    item: objectBindingSchema,
    value: external,
    effect: undefined,
  },
  {
    ...list("workflows", "Workflow", {}, (item) => {
      const script = text(item, "script_name");
      return text(item, "class_name") + (script === "" ? "" : ` (defined in ${script})`);
    }),
    item: openObject(
      { binding: string, name: string, class_name: string, script_name: string, remote: boolean },
      "binding",
      "name",
      "class_name",
    ),
  },
  store("kv_namespaces", "KV Namespace", (item) => text(item, "preview_id", "id")),
  {
    ...list("send_email", "Send Email", {}, emailValue),
    nameField: "name",
    section: sendEmailSection,
    effect: undefined,
  },
  {
    ...list("queues.producers", "Queue", {}, (item) => text(item, "queue")),
    section: queueProducers,
    effect: undefined,
  },
  store("d1_databases", "D1 Database", (item) =>
    String(item.preview_database_id ?? item.database_name ?? item.database_id ?? ""),
  ),
  remote(
    list("vectorize", "Vectorize Index", { index_name: string }, (item) =>
      text(item, "index_name"),
    ),
    "VectorizeIndexImpl",
  ),
  remote(
    list("ai_search_namespaces", "AI Search Namespace", {}, (item) => text(item, "namespace")),
  ),
  remote(list("ai_search", "AI Search Instance", {}, (item) => text(item, "instance_name"))),
  remote(single("websearch", "Web Search")),
  remote(list("agent_memory", "Agent Memory", {}, (item) => text(item, "namespace"))),
  {
    ...list("hyperdrive", "Hyperdrive Config", {}, (item) => text(item, "id")),
    section: hyperdriveSection,
    effect: undefined,
  },
  remote(list("vpc_services", "VPC Service", {}, (item) => text(item, "service_id"))),
  remote(list("vpc_networks", "VPC Network", {}, (item) => text(item, "network_id", "tunnel_id"))),
  store("r2_buckets", "R2 Bucket", (item) => {
    const jurisdiction = text(item, "jurisdiction");
    const bucket = text(item, "preview_bucket_name", "bucket_name");
    return jurisdiction === "" ? bucket : `${bucket} (${jurisdiction})`;
  }),
  {
    ...list("logfwdr.bindings", "Logfwdr", {}, (item) => text(item, "destination")),
    nameField: "name",
    item: openObject({ name: string, destination: string }, "name"),
  },
  small("secrets_store_secrets", "Secrets Store Secret", (item) =>
    [text(item, "store_id"), text(item, "secret_name")].filter(Boolean).join("/"),
  ),
  list("artifacts", "Artifacts", {}, (item) => text(item, "namespace")),
  list("unsafe_hello_world", "Hello World", {}, (item) =>
    item.enable_timer === true ? "Timer enabled" : "",
  ),
  list("flagship", "Flagship", {}, (item) => text(item, "app_id")),
  {
    key: "services",
    shape: "list",
    nameField: "binding",
    resource: "Worker",
    // wrangler passes over unknown keys here; a misspelt entrypoint is worth a warning.
    item: object(
      {
        binding: string,
        service: string,
        environment: string,
        entrypoint: string,
        props: table,
        remote: boolean,
        dev: table,
      },
      "binding",
      "service",
    ),
    value: (item) => {
      const entrypoint = text(item, "entrypoint");
      return text(item, "service") + (entrypoint === "" ? "" : `#${entrypoint}`);
    },
    effect: undefined,
  },
  small("analytics_engine_datasets", "Analytics Engine Dataset", (item) =>
    text(item, "dataset", "binding"),
  ),
  {
    key: "text_blobs",
    shape: "map",
    nameField: "",
    resource: "Text Blob",
    item: string,
    value: (item) => text(item, "value"),
    effect: undefined,
  },
  remote(single("browser", "Browser Run")),
  remote(single("analytics", "Analytics SQL")),
  {
    ...single("images", "Images"),
    effect:
      'Images work with the package "sharp", which the project does not have (npm install --save-dev sharp): using the binding throws an error.',
  },
  remote(single("stream", "Stream")),
  remote(single("media", "Media")),
  remote(single("ai", "AI"), "Ai"),
  small("pipelines", "Pipeline", (item) => text(item, "stream", "pipeline")),
  remote(list("k2", "K2 Stream", { stream: string }, (item) => text(item, "stream"))),
  small(
    "ratelimits",
    "Rate Limit",
    (item) => {
      const simple = item.simple as Item | undefined;
      return simple === undefined ? "" : `${simple.limit} requests/${simple.period}s`;
    },
    "name",
  ),
  {
    ...single("assets", "Assets"),
    // Checked in assets.ts, with wrangler's words.
    item: { kind: "any" },
    effect: undefined,
  },
  {
    ...single("version_metadata", "Worker Version Metadata"),
    effect: undefined,
  },
  {
    ...list("unsafe.bindings", "Unsafe Metadata", { type: string }, (item) => text(item, "type")),
    nameField: "name",
    item: openObject({ name: string, type: string }, "name", "type"),
  },
  {
    key: "vars",
    shape: "map",
    nameField: "",
    resource: "Environment Variable",
    item: { kind: "any" },
    value: () => "",
    effect: undefined,
  },
  {
    key: "wasm_modules",
    shape: "map",
    nameField: "",
    resource: "Wasm Module",
    item: string,
    value: (item) => text(item, "value"),
    effect: undefined,
  },
  remote(
    list("dispatch_namespaces", "Dispatch Namespace", { namespace: string }, (item) =>
      text(item, "namespace"),
    ),
    "Object",
  ),
  remote(
    list("mtls_certificates", "mTLS Certificate", { certificate_id: string }, (item) =>
      text(item, "certificate_id"),
    ),
  ),
  small("worker_loaders", "Worker Loader", () => ""),
];

function emailValue(item: Item): string {
  const listed = item.allowed_destination_addresses;
  const senders = item.allowed_sender_addresses;
  const to =
    text(item, "destination_address") ||
    (Array.isArray(listed) ? listed.join(", ") : "unrestricted");
  return Array.isArray(senders) ? `${to} - senders: ${senders.join(", ")}` : to;
}
