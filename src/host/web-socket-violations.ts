/** What is wrong with frames of a client, in the real runtime's words. Pure. */
import { MAX_WEB_SOCKET_MESSAGE } from "../protocol/http.ts";

const NOT_COMPRESSED =
  "Received a WebSocket frame whose compression bit was set, but the compression extension was not negotiated for this connection.";

/** `error`: of `ws`, for frames that break the protocol. `size`: of the message so far, in bytes. */
export function describeViolation(error: Error, size: number): string {
  switch ("code" in error ? error.code : undefined) {
    case "WS_ERR_INVALID_OPCODE": {
      const opcode = Number(/\d+$/.exec(error.message)?.[0]);
      if (opcode === 0) return "Unexpected continuation frame";
      return opcode < 3 ? "Missing continuation frame" : `Unknown opcode ${opcode}`;
    }
    case "WS_ERR_EXPECTED_FIN":
      return "Received fragmented control frame";
    case "WS_ERR_UNEXPECTED_RSV_2_3":
      return "Received frame had RSV bits 2 or 3 set";
    case "WS_ERR_UNEXPECTED_RSV_1":
      return NOT_COMPRESSED;
    case "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH":
      return `Message is too large: ${size} > ${MAX_WEB_SOCKET_MESSAGE}`;
    default:
      return error.message;
  }
}
