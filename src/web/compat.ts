/**
 * Compatibility switches that web/ reads, resolved from date and flags once when the
 * Worker is loaded (installGlobals). One thread runs one Worker, so this is the thread's state.
 */
export interface HttpCompat {
  /** `fetch_standard_url`: URLs of Requests are normalized, not left as they were written. */
  readonly standardUrls: boolean;
  /** `http_headers_getsetcookie`: each Set-Cookie is an entry of its own. */
  readonly separateCookies: boolean;
  /** `enable_request_signal`: the signal of an incoming request fires when its client leaves. */
  readonly requestSignal: boolean;
  /** `request_signal_passthrough`: that signal goes along with what is sent of the request. */
  readonly signalPassthrough: boolean;
  /** `strip_bom_in_read_all_text` */
  readonly stripBom: boolean;
  /** `fetch_iterable_type_support`: (async) iterables are bodies. */
  readonly iterableBodies: boolean;
  /** `formdata_parser_supports_files`: parts with a filename are Files, not strings. */
  readonly formFiles: boolean;
  /** `blob_standard_mime_type`: the type of a body's Blob is parsed, not copied. */
  readonly standardBlobTypes: boolean;
  /** `enable_fast_jsg_struct`: optional fields of results are there, undefined. */
  readonly fullResults: boolean;
  /** `set_event_target_this`: `this` in a listener is the target, not the global scope. */
  readonly eventTargetThis: boolean;
  /** `spec_compliant_dispatch_exceptions`: what a listener throws does not stop the others. */
  readonly compliantDispatch: boolean;
  /** `text_decoder_cjk_decoder`: the Encoding Standard's decoders, not ICU's. */
  readonly standardCjk: boolean;
  /** `text_decoder_replace_surrogates`: lone ones in UTF-16 are wrong. */
  readonly replacesSurrogates: boolean;
  /** `pedantic_wpt`: where production is not the standard's to the letter, it is with this. */
  readonly pedantic: boolean;
  /** `no_resizable_array_buffer_in_blob` */
  readonly refusesResizable: boolean;
  /** `crypto_preserve_public_exponent`: of an RSA key it is a Uint8Array, as it was given. */
  readonly keepsExponent: boolean;
  /** `fetch_refuses_unknown_protocols`: they are not taken for http. */
  readonly refusesProtocols: boolean;
  /** `allow_custom_ports`: a deployed Worker reaches other ports than 443 by https. */
  readonly keepsPorts: boolean;
  /** `unwrap_custom_thenables`: what has a `then` counts as a promise. */
  readonly unwrapsThenables: boolean;
  /** `brotli_content_encoding`: br is a Content-Encoding beside gzip. */
  readonly brotli: boolean;
  /** `websocket_standard_binary_type`: "blob" by default. */
  readonly webSocketBlobs: boolean;
  /** `web_socket_compression`: permessage-deflate. */
  readonly webSocketCompression: boolean;
  /** `web_socket_auto_reply_to_close` */
  readonly webSocketAutoClose: boolean;
  /** `websocket_close_reason_byte_limit` */
  readonly closeReasonLimit: boolean;
  /** `enhanced_error_serialization`: what a listener of a WebSocket throws is shown as it is. */
  readonly keepsThrownObjects: boolean;
  /** `strict_crypto_checks`: RSA keys have a multiple of 128 bits. */
  readonly strictCrypto: boolean;
  /** `html_rewriter_treats_esi_include_as_void_tag` */
  readonly esiIncludeIsVoid: boolean;
  /** `urlpattern_standard` */
  readonly standardPatterns: boolean;
  /** `cache_option_enabled`: Requests have a cache mode. */
  readonly cacheOption: boolean;
  /** `cache_no_cache_enabled`: which may be no-cache. */
  readonly cacheNoCache: boolean;
  /** `cache_option_preserves_cache_control`: a header of the Worker's own is left alone. */
  readonly cacheKeepsHeader: boolean;
  /** `upper_case_all_http_methods` */
  readonly upperCaseMethods: boolean;
  /** `dont_substitute_null_on_type_error`: an object of another class where null may stand is an error, not null. */
  readonly strictNullables: boolean;
  /** `response_redirect_url_standard`: Locations are normalized (legacy-url/redirect.ts). */
  readonly standardRedirects: boolean;
  /** `workers_api_getters_setters_on_prototype` (interfaces/own-accessors.ts). */
  readonly gettersOnPrototype: boolean;
}

const NEVER_BY_DATE = new Set([
  "html_rewriter_treats_esi_include_as_void_tag",
  "no_resizable_array_buffer_in_blob",
  "pedantic_wpt",
  "request_signal_passthrough",
]);

let current: HttpCompat = httpCompatOf((flag) => !NEVER_BY_DATE.has(flag));

/** @param isOn asked by the enabling name of a flag */
export function httpCompatOf(isOn: (flag: string) => boolean): HttpCompat {
  return {
    standardUrls: isOn("fetch_standard_url"),
    separateCookies: isOn("http_headers_getsetcookie"),
    requestSignal: isOn("enable_request_signal"),
    signalPassthrough: isOn("request_signal_passthrough"),
    stripBom: isOn("strip_bom_in_read_all_text"),
    iterableBodies: isOn("fetch_iterable_type_support"),
    formFiles: isOn("formdata_parser_supports_files"),
    standardBlobTypes: isOn("blob_standard_mime_type"),
    fullResults: isOn("enable_fast_jsg_struct"),
    eventTargetThis: isOn("set_event_target_this"),
    compliantDispatch: isOn("spec_compliant_dispatch_exceptions"),
    standardCjk: isOn("text_decoder_cjk_decoder"),
    replacesSurrogates: isOn("text_decoder_replace_surrogates"),
    pedantic: isOn("pedantic_wpt"),
    refusesResizable: isOn("no_resizable_array_buffer_in_blob"),
    keepsExponent: isOn("crypto_preserve_public_exponent"),
    refusesProtocols: isOn("fetch_refuses_unknown_protocols"),
    keepsPorts: isOn("allow_custom_ports"),
    unwrapsThenables: isOn("unwrap_custom_thenables"),
    brotli: isOn("brotli_content_encoding"),
    webSocketBlobs: isOn("websocket_standard_binary_type"),
    webSocketCompression: isOn("web_socket_compression"),
    webSocketAutoClose: isOn("web_socket_auto_reply_to_close"),
    closeReasonLimit: isOn("websocket_close_reason_byte_limit"),
    keepsThrownObjects: isOn("enhanced_error_serialization"),
    strictCrypto: isOn("strict_crypto_checks"),
    esiIncludeIsVoid: isOn("html_rewriter_treats_esi_include_as_void_tag"),
    standardPatterns: isOn("urlpattern_standard"),
    cacheOption: isOn("cache_option_enabled"),
    cacheNoCache: isOn("cache_no_cache_enabled"),
    cacheKeepsHeader: isOn("cache_option_preserves_cache_control"),
    upperCaseMethods: isOn("upper_case_all_http_methods"),
    strictNullables: isOn("dont_substitute_null_on_type_error"),
    standardRedirects: isOn("response_redirect_url_standard"),
    gettersOnPrototype: isOn("workers_api_getters_setters_on_prototype"),
  };
}

export function httpCompat(): HttpCompat {
  return current;
}

/** Called by installGlobals before any user code runs. */
export function setHttpCompat(compat: HttpCompat): void {
  current = compat;
}
