/**
 * Which flags change anything here. All others leave drover as it is: as production at its newest
 * date. What a config asks for beyond that is announced at start; a flag that begins to work moves
 * into `HONOURED`.
 */
import { OFF_SWITCHES } from "./off-switches.ts";
import { resolveCompat } from "./resolve.ts";

/** Flags that work both ways. */
export const HONOURED: ReadonlySet<string> = new Set([
  "allow_custom_ports",
  "allow_eval_during_startup",
  "bind_asynclocalstorage_snapshot_to_request",
  "blob_standard_mime_type",
  "brotli_content_encoding",
  "capture_async_api_throws",
  "crypto_preserve_public_exponent",
  "delete_all_deletes_alarm",
  "diagnostics_channel_has_subscribers_getter",
  "disallow_importable_env",
  "dont_substitute_null_on_type_error",
  "enable_abortsignal_rpc",
  "enable_ctx_exports",
  "enable_fast_jsg_struct",
  "enable_global_performance_classes",
  "enable_navigator_language",
  "enable_nodejs_global_timers",
  "enable_nodejs_process_v2",
  "enable_nodejs_child_process_module",
  "enable_nodejs_cluster_module",
  "enable_nodejs_console_module",
  "enable_nodejs_dgram_module",
  "enable_nodejs_domain_module",
  "enable_nodejs_fs_module",
  "enable_nodejs_http2_module",
  "enable_nodejs_http_modules",
  "enable_nodejs_http_server_modules",
  "enable_nodejs_inspector_module",
  "enable_nodejs_os_module",
  "enable_nodejs_perf_hooks_module",
  "enable_nodejs_punycode_module",
  "enable_nodejs_readline_module",
  "enable_nodejs_repl_module",
  "enable_nodejs_sqlite_module",
  "enable_nodejs_stream_wrap_module",
  "enable_nodejs_trace_events_module",
  "enable_nodejs_tty_module",
  "enable_nodejs_v8_module",
  "enable_nodejs_vm_module",
  "enable_nodejs_wasi_module",
  "enable_nodejs_worker_threads_module",
  "enable_request_signal",
  "enable_weak_ref",
  "encoder_stream_spec_compliant_backpressure",
  "enhanced_error_serialization",
  "env_module_nullable_support",
  "export_commonjs_default",
  // What it unlocks beside RPC, each of its own flags names.
  "experimental",
  "expose_global_message_channel",
  "fetch_iterable_type_support",
  "fetch_refuses_unknown_protocols",
  "fetch_standard_url",
  "fetcher_no_get_put_delete",
  "fixup-transform-stream-backpressure",
  "formdata_parser_supports_files",
  "global_navigator",
  "html_rewriter_treats_esi_include_as_void_tag",
  "http_headers_getsetcookie",
  "immutable_api_prototypes",
  "internal_stream_byob_return_view",
  "internal_writable_stream_abort_clears_queue",
  "new_module_registry",
  "no_global_importscripts",
  "no_resizable_array_buffer_in_blob",
  "nodejs_als",
  "nodejs_compat",
  "nodejs_compat_populate_process_env",
  "nodejs_compat_v2",
  "nodejs_process_version_24",
  "nonclass_entrypoint_reuses_ctx_across_invocations",
  "pedantic_wpt",
  "pipe_to_backward_propagation",
  "queue_consumer_no_wait_for_wait_until",
  "queues_json_messages",
  "r2_list_honor_include",
  "request_signal_passthrough",
  "require_returns_default_export",
  "rpc",
  "response_redirect_url_standard",
  "rpc_params_dup_stubs",
  "set_tostring_tag",
  "set_event_target_this",
  "spec_compliant_dispatch_exceptions",
  "streams_byob_reader_detaches_buffer",
  "streams_enable_constructors",
  "streams_no_default_auto_allocate_chunk_size",
  "strict_compression_checks",
  "strict_crypto_checks",
  "strip_authorization_on_cross_origin_redirect",
  "strip_bom_in_read_all_text",
  "text_decoder_cjk_decoder",
  "text_decoder_replace_surrogates",
  "throw_on_not_implemented_tls_options",
  "throw_on_unrecognized_import_assertion",
  "transformstream_enable_standard_constructor",
  "url_standard",
  "urlpattern_standard",
  "web_socket_auto_reply_to_close",
  "web_socket_compression",
  "websocket_close_reason_byte_limit",
  "websocket_standard_binary_type",
  "workers_api_getters_setters_on_prototype",
  "writable_stream_spec_compliant_writer",
  "cache_no_cache_enabled",
  "cache_option_enabled",
  "cache_option_preserves_cache_control",
  "unwrap_custom_thenables",
  "upper_case_all_http_methods",
  "urlsearchparams_delete_has_value_arg",
]);

/**
 * Flags of products that are announced as missing where a Worker uses them, of Python, and of what
 * no Worker can see on a developer's machine: an older date needs no word about them.
 */
const UNSEEN =
  /^(python_|enable_python|durable_object_|delete_all_|r2_|d1_|kv_|queues?_|vectorize_|workflows?_|enable_validate_workflow|containers_|cache_|assets_|dynamic_dispatch_|set_forwardable_email|request_cf_overrides|no_cf_bot|no_cots|minimal_subrequests|unique_ctx|enable_nodejs_.*_modules?$|nodejs_zlib)/;

/**
 * Older behaviour that only a Worker sees which looks for just that (docs/parity.md): `unhandledrejection` listeners, `require` of an ES module that waits; the last is about
 * bundling, where the flag after it decides.
 */
const SELDOM_SEEN: ReadonlySet<string> = new Set([
  "unhandled_rejection_after_microtask_checkpoint",
  "disable_top_level_await_in_require",
  "fetch_iterable_type_support_override_adjustment",
]);

/**
 * The same with and without them in the real runtime on a developer's machine (test/parity/flags): nothing is to be said of them.
 * `global_fetch_strictly_public` means something where there are zones.
 */
const WITHOUT_MEANING: ReadonlySet<string> = new Set([
  "global_fetch_strictly_public",
  "precise_timers",
  "remove_nodejs_compat_eol",
  "remove_nodejs_compat_eol_v22",
  "remove_nodejs_compat_eol_v23",
  "remove_nodejs_compat_eol_v24",
  "streaming_tail_worker",
]);

/** Past the last flag that has a date: drover's own behaviour. */
const NEWEST = "9999-12-31";

export interface IneffectiveFlag {
  readonly index: number;
  readonly name: string;
  readonly effect: string;
}

/** Those of `flags` that ask for something else than what drover does anyway. */
export function findIneffectiveFlags(flags: readonly string[]): readonly IneffectiveFlag[] {
  const newest = resolveCompat(NEWEST, []);
  return flags.flatMap((name, index) => {
    const flag = OFF_SWITCHES[name] ?? name;
    const wantsOn = flag === name;
    const isSame = newest[flag] === wantsOn || WITHOUT_MEANING.has(flag);
    if (HONOURED.has(flag) || isSame) return [];
    const effect = wantsOn
      ? "The flag has no effect: drover behaves as without it."
      : `The flag has no effect: drover always behaves as with ${flag}.`;
    return [{ index, name, effect }];
  });
}

/**
 * Flags that production switches on only after `date`, and drover at every date. Not those that
 * `flags` name: findIneffectiveFlags tells of them.
 */
export function findBehavioursOfLaterDates(
  date: string,
  flags: readonly string[],
): readonly string[] {
  const named = new Set(flags.map((name) => OFF_SWITCHES[name] ?? name));
  const newest = resolveCompat(NEWEST, []);
  const current = resolveCompat(date, flags);
  return Object.entries(current)
    .filter(([flag, isOn]) => isOn !== newest[flag] && !HONOURED.has(flag))
    .map(([flag]) => flag)
    .filter((flag) => !WITHOUT_MEANING.has(flag))
    .filter((flag) => !named.has(flag) && !SELDOM_SEEN.has(flag) && !UNSEEN.test(flag));
}
