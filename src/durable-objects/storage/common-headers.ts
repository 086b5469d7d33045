/**
 * Header names that stored Headers have by number: 1 is the first. As the real runtime (wrangler
 * 4.164) stored them.
 */
export const COMMON_HEADERS: readonly string[] =
  `accept-charset accept-encoding accept-language accept-ranges accept access-control-allow-origin age allow authorization
  cache-control content-disposition content-encoding content-language content-length content-location content-range
  content-type cookie date etag expect expires from host if-match if-modified-since if-none-match if-range
  if-unmodified-since last-modified link location max-forwards proxy-authenticate proxy-authorization range referer refresh
  retry-after server set-cookie strict-transport-security transfer-encoding user-agent vary via www-authenticate`.split(
    /\s+/,
  );
