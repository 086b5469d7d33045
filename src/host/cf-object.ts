/**
 * The `request.cf` of local requests: made-up but plausible, so that code that reads it runs
 * (spec/wrangler.md 1.7). Texts are cached: the object differs only by what the client accepts.
 */

const CACHE_LIMIT = 256;
const cache: Map<string, string> = new Map();

/** JSON text of request.cf for a client with this Accept-Encoding. */
export function cfObjectFor(acceptEncoding: string): string {
  let text = cache.get(acceptEncoding);
  if (text === undefined) {
    text = JSON.stringify({ ...PLACE, clientAcceptEncoding: acceptEncoding });
    if (cache.size >= CACHE_LIMIT) cache.clear();
    cache.set(acceptEncoding, text);
  }
  return text;
}

const PLACE = {
  asOrganization: "Local Development",
  asn: 64512,
  colo: "LHR",
  city: "London",
  region: "England",
  regionCode: "ENG",
  continent: "EU",
  country: "GB",
  postalCode: "EC1A",
  latitude: "51.50853",
  longitude: "-0.12574",
  timezone: "Europe/London",
  httpProtocol: "HTTP/1.1",
  requestPriority: "weight=192;exclusive=0;group=3;group-weight=127",
  tlsCipher: "AEAD-AES128-GCM-SHA256",
  tlsVersion: "TLSv1.3",
  clientTcpRtt: 1,
  edgeRequestKeepAliveStatus: 1,
  tlsClientAuth: {
    certPresented: "0",
    certVerified: "NONE",
    certRevoked: "0",
    certIssuerDN: "",
    certSubjectDN: "",
    certSerial: "",
    certFingerprintSHA1: "",
    certFingerprintSHA256: "",
    certNotBefore: "",
    certNotAfter: "",
  },
};
