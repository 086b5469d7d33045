/**
 * One outbound TCP connection of a Worker, with TLS from its start, from later on, or never: Node's
 * socket, which the Worker never sees. Bytes go both ways with the credit of protocol/http.ts.
 * Main thread of the host; made by network.ts.
 */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { STREAM_CHUNK, STREAM_WINDOW } from "../../protocol/http.ts";
import {
  type NetworkFailure,
  type NetworkMessage,
  type TcpTls,
  ToClient,
  ToNetwork,
} from "../../protocol/outbound.ts";
import type { Outbound, OutboundPort } from "./contract.ts";
import { failureOf } from "./failure.ts";
import { MysqlUpgrade } from "./mysql-upgrade.ts";

/** To be made, or made by a client of ours. */
export type OutboundTcpInit = TcpAddress | { readonly socket: Socket };

interface TcpAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: TcpTls;
}

/** Length and code of what a Postgres client begins with, and the server's yes. */
const POSTGRES_SSL_REQUEST: Uint8Array = new Uint8Array([0, 0, 0, 8, 4, 210, 22, 47]);
const YES = 0x53;

/** Smaller chunks are quicker copied than handed over. */
const MOVE_FROM = 4096;

export class OutboundTcp implements Outbound {
  readonly #id: number;
  readonly #host: string;
  readonly #port: OutboundPort;
  #socket: Socket;
  /** Bytes sent to the Worker for which it has not given credit. */
  #owed = 0;
  /** The Worker wants the connection ended. */
  #isClosing = false;
  #failure: NetworkFailure | null = null;
  /** What the Worker says while the connection is made ready for it. */
  #early: NetworkMessage[] | undefined;
  #isOver = false;
  /** Of a MySQL that is asked for TLS, until its handshake is over. */
  #upgrade: MysqlUpgrade | undefined;

  constructor(id: number, init: OutboundTcpInit, out: OutboundPort) {
    this.#id = id;
    this.#port = out;
    if ("socket" in init) {
      this.#host = "";
      this.#socket = init.socket;
      this.#send([ToClient.tcpOpen, id]);
      this.#listen(init.socket);
      init.socket.resume();
      return;
    }
    const { host, port, tls } = init;
    this.#host = host;
    const options = { host, port, allowHalfOpen: true, autoSelectFamily: true, noDelay: true };
    const socket =
      tls === "on" ? connectTls({ ...options, ...serverName(host) }) : connectTcp(options);
    this.#socket = socket;
    if (tls === "postgres" || tls === "postgres-unchecked") {
      this.#askForTls(socket, tls === "postgres");
      return;
    }
    if (tls === "mysql" || tls === "mysql-unchecked") this.#upgradeMysql(tls === "mysql");
    const opened = tls === "on" ? "secureConnect" : "connect";
    socket.once(opened, () => this.#send([ToClient.tcpOpen, id]));
    this.#listen(socket);
  }

  /** Of a database behind Hyperdrive: the Worker speaks as if there were no TLS. */
  #askForTls(plain: Socket, isChecked: boolean): void {
    this.#early = [];
    plain.on("error", (error) => this.#onError(error));
    plain.on("close", () => this.#end());
    plain.once("connect", () => plain.write(POSTGRES_SSL_REQUEST));
    plain.once("data", (answer: Buffer) => {
      if (answer[0] !== YES) {
        plain.destroy(new Error("The server does not support SSL connections"));
        return;
      }
      plain.removeAllListeners("close");
      const options = { ...serverName(this.#host), rejectUnauthorized: isChecked };
      const secure = connectTls({ socket: plain, allowHalfOpen: true, ...options });
      this.#socket = secure;
      secure.once("secureConnect", () => {
        const early = this.#early ?? [];
        this.#early = undefined;
        this.#send([ToClient.tcpOpen, this.#id]);
        for (const message of early) this.onMessage(message);
      });
      this.#listen(secure);
    });
  }

  #upgradeMysql(isChecked: boolean): void {
    this.#upgrade = new MysqlUpgrade({
      toServer: (bytes) => this.#socket.write(bytes),
      toClient: (bytes) => this.#toWorker(this.#socket, bytes),
      startTls: (onSecure) => {
        const options = { ...serverName(this.#host), rejectUnauthorized: isChecked };
        this.#secure(options, onSecure);
      },
      fail: (error) => this.#socket.destroy(error),
    });
  }

  onMessage(message: NetworkMessage): void {
    if (this.#early !== undefined) {
      this.#early.push(message);
      return;
    }
    const socket = this.#socket;
    switch (message[0]) {
      case ToNetwork.tcpData: {
        const bytes = message[2] as Uint8Array;
        const { byteLength } = bytes;
        if (this.#upgrade?.isOver === false) {
          this.#upgrade.fromClient(bytes);
          this.#send([ToClient.tcpCredit, this.#id, byteLength]);
          break;
        }
        socket.write(bytes, () => this.#send([ToClient.tcpCredit, this.#id, byteLength]));
        break;
      }
      case ToNetwork.tcpCredit:
        this.#owed -= message[2] as number;
        if (STREAM_WINDOW - this.#owed >= STREAM_CHUNK) socket.resume();
        break;
      case ToNetwork.tcpEnd:
        socket.end();
        break;
      case ToNetwork.tcpClose:
        this.#isClosing = true;
        // `finish`: everything is with the operating system; on a dead connection `close` comes.
        if (socket.writableFinished) socket.destroy();
        else socket.once("finish", () => socket.destroy()).end();
        break;
      case ToNetwork.tcpStartTls:
        this.#startTls(message[2] as string | null);
        break;
    }
  }

  abort(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  #startTls(name: string | null): void {
    this.#secure(serverName(name ?? this.#host), () => this.#send([ToClient.tcpSecure, this.#id]));
  }

  /** From here on the connection is TLS. */
  #secure(options: object, onSecure: () => void): void {
    const plain = this.#socket;
    plain.removeAllListeners("data").removeAllListeners("end").removeAllListeners("close");
    plain.removeAllListeners("error").on("error", () => {});
    const secure = connectTls({ socket: plain, allowHalfOpen: true, ...options });
    this.#socket = secure;
    secure.once("secureConnect", onSecure);
    this.#listen(secure);
  }

  #listen(socket: Socket | TLSSocket): void {
    socket.on("data", (chunk: Buffer) => this.#onData(socket, chunk));
    socket.on("end", () => this.#send([ToClient.tcpEnd, this.#id]));
    socket.on("error", (error) => this.#onError(error));
    socket.on("close", () => this.#end());
  }

  #onError(error: Error): void {
    this.#failure = { ...failureOf(error), ...detailsOf(error) };
  }

  #onData(socket: Socket, chunk: Buffer): void {
    if (this.#upgrade?.isOver === false) this.#upgrade.fromServer(chunk);
    else this.#toWorker(socket, chunk);
  }

  #toWorker(socket: Socket, chunk: Uint8Array): void {
    for (let from = 0; from < chunk.byteLength; from += STREAM_CHUNK) {
      // A copy: chunks of TLS are views of a bigger buffer, and all of them become the Worker's.
      const bytes = new Uint8Array(chunk.subarray(from, from + STREAM_CHUNK));
      this.#owed += bytes.byteLength;
      const moves = bytes.byteLength < MOVE_FROM ? [] : [bytes.buffer];
      this.#send([ToClient.tcpData, this.#id, bytes], moves);
    }
    if (STREAM_WINDOW - this.#owed < STREAM_CHUNK) socket.pause();
  }

  #send(message: readonly unknown[], moves: readonly ArrayBuffer[] = []): void {
    if (!this.#isOver) this.#port.send(message, moves);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#send([ToClient.tcpClosed, this.#id, this.#isClosing ? null : this.#failure]);
    this.#isOver = true;
    this.#port.leave(this.#id);
  }
}

/** Loaded with the first connection that needs it. */
function connectTls(options: object): TLSSocket {
  return process.getBuiltinModule("node:tls").connect(options);
}

/** Certificates are for names; an address is not sent as one. */
function serverName(host: string): { readonly servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {};
}

/** What Node's errors say beside their text; of several addresses: the last one that was tried. */
function detailsOf(error: Error): Partial<NetworkFailure> {
  const inner: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
  const { syscall, address, reason } = inner as Readonly<Record<string, unknown>>;
  return {
    ...(typeof syscall === "string" && { syscall }),
    ...(typeof address === "string" && { address }),
    // Of OpenSSL, whose messages name its source files.
    ...(typeof reason === "string" && { message: reason }),
  };
}
