/**
 * TLS to a MySQL behind Hyperdrive (spec/resources.md 12): the Worker's driver speaks as if there were none,
 * the server is asked for it in the middle of its handshake. Its packets are counted, so that the extra ones
 * shift the numbers of all that follow, until the server has let the driver in or not. Main thread of the
 * host; made by tcp.ts, which passes everything through it until `isOver`.
 */
import { constants, generateKeyPairSync, type KeyObject, privateDecrypt } from "node:crypto";

export interface MysqlWire {
  /** Plain until `startTls` has called back. */
  toServer(bytes: Uint8Array): void;
  toClient(bytes: Uint8Array): void;
  startTls(onSecure: () => void): void;
  fail(error: Error): void;
}

const HEADER = 4;
const CLIENT_SSL = 0x0800;
/** Of the driver's answer: what is sent alone to ask for TLS. */
const REQUEST_LENGTH = 32;

const OK = 0x00;
const MORE = 0x01;
const SWITCH = 0xfe;
const ERROR = 0xff;
/** Of `caching_sha2_password`: the server wants the password; the driver wants a key to encrypt it with. */
const FULL_AUTHENTICATION = 0x04;
const WANTS_KEY = 0x02;

/** Bytes as packets: three bytes of length, one that counts, the payload. */
class Packets {
  #bytes: Buffer = Buffer.alloc(0);

  add(bytes: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
  }

  /** A copy of the next whole packet. */
  next(): Buffer | undefined {
    if (this.#bytes.length < HEADER) return undefined;
    const end = HEADER + this.#bytes.readUIntLE(0, 3);
    if (this.#bytes.length < end) return undefined;
    const packet = Buffer.from(this.#bytes.subarray(0, end));
    this.#bytes = this.#bytes.subarray(end);
    return packet;
  }

  rest(): Buffer {
    const rest = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    return rest;
  }
}

export class MysqlUpgrade {
  /** Everything goes straight through from now on. */
  isOver = false;
  readonly #wire: MysqlWire;
  readonly #fromServer = new Packets();
  readonly #fromClient = new Packets();
  #state: "greeting" | "plain" | "securing" | "secure" = "greeting";
  /** The server's count of a packet, less the driver's. */
  #shift = 1;
  #nonce: Buffer = Buffer.alloc(0);
  #lastOfServer = 0;
  #needsPassword = false;
  /** The driver encrypts the password with its public half. */
  #key: KeyObject | undefined;

  constructor(wire: MysqlWire) {
    this.#wire = wire;
  }

  fromServer(bytes: Uint8Array): void {
    this.#fromServer.add(bytes);
    while (!this.isOver) {
      const packet = this.#fromServer.next();
      if (packet === undefined) return;
      if (this.#state === "greeting") this.#onGreeting(packet);
      else this.#onAnswer(packet);
    }
    const rest = this.#fromServer.rest();
    if (rest.length > 0) this.#wire.toClient(rest);
  }

  fromClient(bytes: Uint8Array): void {
    this.#fromClient.add(bytes);
    this.#readClient();
  }

  #readClient(): void {
    while (!this.isOver && this.#state !== "securing") {
      const packet = this.#fromClient.next();
      if (packet === undefined) return;
      if (this.#state === "plain") this.#askForTls(packet);
      else this.#onReply(packet);
    }
    if (!this.isOver) return;
    const rest = this.#fromClient.rest();
    if (rest.length > 0) this.#wire.toServer(rest);
  }

  /** Protocol version, name of the server's version, thread, and what it can do. */
  #onGreeting(packet: Buffer): void {
    if (packet[HEADER] === ERROR) {
      this.isOver = true;
      this.#wire.toClient(packet);
      return;
    }
    const name = packet.indexOf(0, HEADER + 1);
    const salt = name + 1 + 4;
    const flags = salt + 8 + 1;
    if ((packet.readUInt16LE(flags) & CLIENT_SSL) === 0) {
      this.#wire.fail(new Error("The server does not support SSL connections"));
      return;
    }
    const moreSalt = flags + 2 + 1 + 2 + 2 + 1 + 10;
    this.#nonce = Buffer.concat([
      packet.subarray(salt, salt + 8),
      packet.subarray(moreSalt, moreSalt + 12),
    ]);
    packet.writeUInt16LE(packet.readUInt16LE(flags) & ~CLIENT_SSL, flags);
    this.#state = "plain";
    this.#wire.toClient(packet);
  }

  /** The beginning of the driver's answer asks for TLS; the whole follows under it. */
  #askForTls(packet: Buffer): void {
    packet.writeUInt32LE((packet.readUInt32LE(HEADER) | CLIENT_SSL) >>> 0, HEADER);
    const request = Buffer.concat([
      header(REQUEST_LENGTH, 1),
      packet.subarray(HEADER, HEADER + REQUEST_LENGTH),
    ]);
    this.#state = "securing";
    this.#wire.toServer(request);
    this.#wire.startTls(() => {
      this.#state = "secure";
      this.#wire.toServer(counted(packet, 2));
      this.#readClient();
    });
  }

  #onReply(packet: Buffer): void {
    if (this.#needsPassword && packet.length === HEADER + 1 && packet[HEADER] === WANTS_KEY) {
      this.#giveKey(packet);
    } else if (this.#key !== undefined) this.#givePassword(packet, this.#key);
    else this.#wire.toServer(counted(packet, numberOf(packet) + this.#shift));
  }

  #onAnswer(packet: Buffer): void {
    this.#lastOfServer = numberOf(packet);
    const first = packet[HEADER];
    if (first === MORE) this.#needsPassword = packet[HEADER + 1] === FULL_AUTHENTICATION;
    else if (first === SWITCH) {
      const salt = packet.indexOf(0, HEADER + 1) + 1;
      this.#nonce = packet.subarray(salt, salt + 20);
    }
    this.#wire.toClient(counted(packet, numberOf(packet) - this.#shift));
    if (first !== OK && first !== ERROR) return;
    this.isOver = true;
    this.#readClient();
  }

  /** The server, to whom the connection is secure, has no key to give: the password is for this proxy. */
  #giveKey(packet: Buffer): void {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    this.#key = privateKey;
    const pem = Buffer.from(publicKey.export({ type: "spki", format: "pem" }));
    const payload = Buffer.concat([Buffer.from([MORE]), pem]);
    this.#wire.toClient(Buffer.concat([header(payload.length, numberOf(packet) + 1), payload]));
  }

  #givePassword(packet: Buffer, key: KeyObject): void {
    this.#key = undefined;
    this.#needsPassword = false;
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    let password: Buffer;
    try {
      password = privateDecrypt({ key, padding }, packet.subarray(HEADER));
    } catch {
      this.#wire.fail(new Error("The database driver sent a password that cannot be decrypted."));
      return;
    }
    for (let i = 0; i < password.length; i += 1) {
      password[i] = (password[i] as number) ^ (this.#nonce[i % this.#nonce.length] as number);
    }
    const number = this.#lastOfServer + 1;
    this.#shift = number - numberOf(packet);
    this.#wire.toServer(Buffer.concat([header(password.length, number), password]));
  }
}

function numberOf(packet: Buffer): number {
  return packet[3] as number;
}

/** The same packet with another number. */
function counted(packet: Buffer, number: number): Buffer {
  packet[3] = number & 0xff;
  return packet;
}

function header(length: number, number: number): Buffer {
  const bytes = Buffer.alloc(HEADER);
  bytes.writeUIntLE(length, 0, 3);
  bytes[3] = number & 0xff;
  return bytes;
}
