/**
 * Every key of a wrangler config (spec/wrangler.md 2.2, 2.5): its type and whether environments
 * inherit it. Binding keys come from binding-kinds.ts.
 */

import { BINDING_KINDS } from "./binding-kinds.ts";
import { listenersSchema } from "./listeners.ts";
import { queueConsumers } from "./queues.ts";
import {
  any,
  array,
  boolean,
  choice,
  either,
  type Fields,
  number,
  object,
  openObject,
  record,
  type Schema,
  string,
  table,
} from "./schema.ts";

/** What a Worker may be called; "" counts as no name. */
export const WORKER_NAME: RegExp = /^$|^[a-z0-9_][a-z0-9-_]*$/;

const NAME: Schema = {
  kind: "string",
  pattern: WORKER_NAME,
  rule: "alphanumeric and lowercase with dashes only",
};

const ROUTE: Schema = either(string, openObject({ pattern: string }, "pattern"));

/** Keys that only the top level of a file may have. */
export const TOP_LEVEL_FIELDS: Fields = {
  $schema: string,
  env: table,
  dev: object({
    ip: string,
    port: number,
    inspector_port: number,
    inspector_ip: string,
    local_protocol: choice("http", "https"),
    upstream_protocol: choice("http", "https"),
    host: string,
    enable_containers: boolean,
    container_engine: any,
    generate_types: boolean,
  }),
  site: object(
    { bucket: string, "entry-point": string, include: array(string), exclude: array(string) },
    "bucket",
  ),
  wasm_modules: any,
  text_blobs: any,
  data_blobs: any,
  alias: record(string),
  keep_vars: boolean,
  addresses: array(string),
  send_metrics: boolean,
  dependencies_instrumentation: table,
  pages_build_output_dir: string,
};

/** Keys that build tools add to the configs that they generate. */
export const REDIRECTED_FIELDS: Fields = {
  configPath: string,
  userConfigPath: string,
  topLevelName: string,
  definedEnvironments: array(string),
  targetEnvironment: string,
};

/** Keys that an environment takes from the top level where it does not set them itself. */
export const INHERITABLE_FIELDS: Fields = {
  name: NAME,
  account_id: string,
  compatibility_date: string,
  compatibility_flags: array(string),
  main: string,
  find_additional_modules: boolean,
  preserve_file_names: boolean,
  base_dir: string,
  workers_dev: boolean,
  preview_urls: boolean,
  route: ROUTE,
  routes: array(ROUTE),
  tsconfig: string,
  jsx_factory: string,
  jsx_fragment: string,
  migrations: array(openObject({ tag: string }, "tag")),
  exports: table,
  triggers: object({ crons: array(string), events: any }),
  limits: openObject({ cpu_ms: number, subrequests: number }),
  rules: array(
    object(
      {
        type: choice(
          "ESModule",
          "CommonJS",
          "CompiledWasm",
          "Text",
          "Data",
          "PythonModule",
          "PythonRequirement",
        ),
        globs: array(string),
        fallthrough: boolean,
      },
      "type",
      "globs",
    ),
  ),
  build: object({
    command: string,
    cwd: string,
    watch_dir: either(string, array(string)),
  }),
  no_bundle: boolean,
  minify: boolean,
  keep_names: boolean,
  first_party_worker: boolean,
  logfwdr: openObject({}),
  logpush: boolean,
  upload_source_maps: boolean,
  placement: table,
  assets: any,
  observability: table,
  access: table,
  cache: table,
  compliance_region: string,
  python_modules: table,
  previews: table,
};

/** Keys that an environment must repeat. */
export const NOT_INHERITABLE_FIELDS: Fields = {
  vars: table,
  secrets: object({ required: array(string) }),
  define: record(string),
  durable_objects: object({ bindings: any, code_update_strategy: any }),
  workflows: any,
  kv_namespaces: any,
  cloudchamber: table,
  containers: array(table),
  send_email: any,
  queues: object({ producers: any, consumers: queueConsumers }),
  connect: listenersSchema,
  r2_buckets: any,
  d1_databases: any,
  vectorize: any,
  ai_search_namespaces: any,
  ai_search: any,
  websearch: any,
  agent_memory: any,
  hyperdrive: any,
  services: any,
  analytics_engine_datasets: any,
  browser: any,
  analytics: any,
  ai: any,
  images: any,
  stream: any,
  media: any,
  version_metadata: any,
  unsafe: openObject({ bindings: any, metadata: table }),
  mtls_certificates: any,
  tail_consumers: array(openObject({ service: string, environment: string }, "service")),
  streaming_tail_consumers: array(openObject({ service: string }, "service")),
  dispatch_namespaces: any,
  pipelines: any,
  k2: any,
  secrets_store_secrets: any,
  artifacts: any,
  unsafe_hello_world: any,
  flagship: any,
  ratelimits: any,
  worker_loaders: any,
  vpc_services: any,
  vpc_networks: any,
};

/** Item schema of each binding key, by its dotted key. */
export const BINDING_ITEMS: readonly { path: readonly string[]; schema: Schema }[] =
  BINDING_KINDS.filter(({ key }) => key !== "vars").map(({ key, shape, item, section }) => ({
    path: key.split("."),
    schema: section ?? (shape === "list" ? array(item) : shape === "map" ? record(item) : item),
  }));

/** Keys that were removed: using one is an error with this explanation. */
export const REMOVED_KEYS: Readonly<Record<string, string>> = {
  legacy_env:
    'The "legacy_env" field is no longer supported: environments are always separate Workers named "<name>-<env>". Remove it.',
  node_compat:
    'The "node_compat" field is no longer supported as of Wrangler v4. Instead, use the `nodejs_compat` compatibility flag.',
};

/** Keys that do nothing any more: using one warns. */
export const DEPRECATED_KEYS: Readonly<Record<string, string>> = {
  usage_model:
    'Deprecation: "usage_model": the usage model is set in the Cloudflare dashboard; this field does nothing.',
  type: 'Deprecation: "type": Workers have no project types any more; this field does nothing.',
  zone_id: 'Deprecation: "zone_id": this is unnecessary since it is deduced from routes directly.',
  webpack_config:
    'Deprecation: "webpack_config": esbuild bundles the Worker; this field does nothing.',
  experimental_services:
    'Deprecation: "experimental_services": this field is no longer supported; use "services".',
};
