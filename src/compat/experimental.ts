/**
 * Flags that the real runtime (2026-11-24) calls experimental: a dynamic Worker may have them only where
 * its loader allows it. Asked of the runtime, one by one.
 */
export const EXPERIMENTAL: ReadonlySet<string> = new Set([
  "allow_insecure_inefficient_logged_eval",
  "auto_inject_python_workers",
  "cache_reload_enabled",
  "connect_handler_starttls",
  "connect_pass_through",
  "d1_binding_jsrpc",
  "durable_object_get_existing",
  "durable_object_rename",
  "durable_object_snapshots",
  "enable_abortsignal_rpc",
  "enable_ctx_version_metadata",
  "enable_d1_with_sessions_api",
  "enable_nodejs_inspector_local_dev",
  "enable_version_api",
  "enable_web_file_system",
  "experimental",
  "expose_draining_reader",
  "expose_serialization_test_class",
  "increase_websocket_message_size",
  "js_rpc",
  "kv_direct_binding",
  "memory_cache_delete",
  "offpeak_location_hint",
  "precise_timers",
  "python_workers_development",
  "python_workers_durable_objects",
  "python_zstd_snapshot",
  "r2_binding_jsrpc",
  "replica_routing",
  "rpc_dispose_cancels_call",
  "rtti_api",
  "service_binding_extra_handlers",
  "spec_compliant_property_attributes",
  "streaming_tail_worker",
  "streams_no_default_auto_allocate_chunk_size",
  "tail_worker_user_spans",
  "typescript_implemented_streams",
  "typescript_strip_types",
  "unsafe_module",
  "unsupported_process_actual_platform",
  "wasm_memory_discard",
  "webgpu",
  "workflows_bindings_rpc",
  "workflows_step_rollback",
]);

/** What is said of such a flag where it is not allowed. */
export function describeExperimental(flag: string): string {
  return `The compatibility flag ${flag} is experimental and may break or be removed in a future version of workerd. To use this flag, you must pass --experimental on the command line.`;
}
