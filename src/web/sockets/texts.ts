/** What production says of sockets (spec/platform.md 13, and asked of the real runtime). */

export const cannotConnect = "proxy request failed, cannot connect to the specified address";
/** Of ports 80 and 443. */
export const useFetch =
  ". It looks like you might be trying to connect to a HTTP-based service — consider using fetch instead";
export const connectionLost = "Network connection lost.";
export const socketClosed = "This socket has been closed.";
export const streamCancelled = "Stream was cancelled.";
export const readableClosing = "This ReadableStream belongs to an object that is closing.";
export const writableClosing = "This WritableStream belongs to an object that is closing.";

export const notStartTls =
  "The `secureTransport` socket option must be set to 'starttls' for startTls to be used.";
export const alreadyTls = "Cannot startTls on a TLS socket.";
export const closedBeforeTls = "The connection was closed before startTls could be started.";
export const startedBefore =
  "startTls has already been called on this socket, or the socket was transferred over RPC.";

export const socketOnlyRpc = "Socket can only be serialized for RPC.";
export const socketNotOpen =
  "A Socket can only be serialized after it has opened. Await `socket.opened` before transferring the socket over RPC.";

export const noHostname = "Specified address is missing hostname.";
export const noPort = "Specified address is missing port.";
export const unparsable = "Specified address could not be parsed.";
export const badHost =
  "Specified address is empty string, contains unsupported characters or is too long.";
