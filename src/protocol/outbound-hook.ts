/**
 * Outbound HTTP requests of Workers on their way to the session's own process (`startDev({ outbound })`):
 * plain HTTP on a socket of it, method, headers and body as they are, the URL in a header.
 */
export const HOOK_URL_HEADER = "x-drover-outbound-url";
