/** What the socket transport (socket.ts) needs of a connection between two processes. */
export interface ByteSocketEvents {
  /** The bytes are valid until it returns: the next ones take their place. */
  data(bytes: Buffer): void;
  /** The peer sends no more. */
  end(): void;
  /** Comes last, and once. */
  close(error: Error | undefined): void;
}

export interface ByteSocket {
  /** Written and not yet with the operating system. */
  readonly bufferedBytes: number;
  readonly bytesRead: number;
  /** Starts reading. Once. */
  start(events: ByteSocketEvents): void;
  /** The chunks belong to the socket from now on. Nothing if it is closed. */
  write(chunks: Uint8Array[]): void;
  /** Calls back once everything written is with the operating system, or the socket is closed. */
  whenSent(done: () => void): void;
  /** Closes when everything written is out. */
  end(): void;
  /** Closes now. */
  destroy(): void;
}
