import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type SecureContextOptions, TLSSocket } from "node:tls";

/*
 * Servers on loopback that know as much of their protocols as a real client of them needs for a
 * connection, a few queries or mails, and the end.
 */

export interface FakeServer extends AsyncDisposable {
  readonly port: number;
  /** What clients said, in order. */
  readonly said: string[];
}

async function listen(said: string[], onSocket: (socket: Socket) => void): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    onSocket(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    said,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Collects bytes; `take` is called until it takes none of them. */
function reader(take: (bytes: Buffer) => number): (chunk: Buffer) => void {
  let bytes: Buffer = Buffer.alloc(0);
  return (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (;;) {
      const taken = bytes.length === 0 ? 0 : take(bytes);
      if (taken === 0) return;
      bytes = bytes.subarray(taken);
    }
  };
}

/** Redis: SET, GET, INFO, QUIT. */
export async function fakeRedis(): Promise<FakeServer> {
  const said: string[] = [];
  const values = new Map<string, string>();
  const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
  return await listen(said, (socket) => {
    const answer = ([name = "", key = "", value = ""]: string[]): string => {
      said.push([name, key, value].join(" ").trim());
      switch (name.toUpperCase()) {
        case "SET":
          values.set(key, value);
          return "+OK\r\n";
        case "GET": {
          const found = values.get(key);
          return found === undefined ? "$-1\r\n" : bulk(found);
        }
        case "INFO":
          return bulk("redis_version:7.2.0\r\nloading:0\r\n");
        case "CLIENT":
        case "QUIT":
          return "+OK\r\n";
        default:
          return `-ERR unknown command '${name}'\r\n`;
      }
    };
    socket.on(
      "data",
      reader((bytes) => {
        const parts = /^\*(\d+)\r\n/.exec(bytes.toString("latin1"));
        if (parts === null) return 0;
        const words: string[] = [];
        let at = parts[0].length;
        for (let i = 0; i < Number(parts[1]); i += 1) {
          const head = /^\$(\d+)\r\n/.exec(bytes.toString("latin1", at));
          const length = Number(head?.[1]);
          const from = at + (head?.[0].length ?? 0);
          if (head === null || bytes.length < from + length + 2) return 0;
          words.push(bytes.toString("utf8", from, from + length));
          at = from + length + 2;
        }
        socket.write(answer(words));
        if (words[0]?.toUpperCase() === "QUIT") socket.end();
        return at;
      }),
    );
  });
}

const SSL_REQUEST = 80_877_103;

/** Postgres, with `tls` if there is one: any query answers one row: its parameters, or `1`, under the names after AS. */
export async function fakePostgres(tls?: SecureContextOptions): Promise<FakeServer> {
  const said: string[] = [];
  const message = (type: string, ...parts: (Buffer | string | number)[]): Buffer => {
    const body = Buffer.concat(
      parts.map((part) => {
        if (typeof part === "string") return Buffer.from(`${part}\0`);
        return typeof part === "number" ? int32(part) : part;
      }),
    );
    return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
  };
  const columns = (query: string): Buffer => {
    const names = [...query.matchAll(/\bas "?(\w+)/gi)].map((found) => found[1] as string);
    const fields = names.map((name) => {
      // Of no table, of type text, as text.
      const rest = Buffer.alloc(18);
      rest.writeInt32BE(25, 6);
      rest.writeInt16BE(-1, 10);
      return Buffer.concat([Buffer.from(`${name}\0`), rest]);
    });
    return message("T", int16(names.length), ...fields);
  };
  const row = (values: readonly string[]): Buffer =>
    message(
      "D",
      int16(values.length),
      ...values.map((text) => Buffer.concat([int32(Buffer.byteLength(text)), Buffer.from(text)])),
    );
  const ready = message("Z", Buffer.from("I"));
  const serve = (socket: Socket): void => {
    let hasStarted = false;
    let query = "";
    let values: string[] = [];
    const start = (bytes: Buffer): number => {
      if (bytes.length < 8 || bytes.length < bytes.readInt32BE(0)) return 0;
      const length = bytes.readInt32BE(0);
      if (bytes.readInt32BE(4) === SSL_REQUEST && tls !== undefined) {
        socket.removeAllListeners("data").write("S");
        said.push("(secure)");
        serve(new TLSSocket(socket, { isServer: true, ...tls }).on("error", () => {}));
      } else if (bytes.readInt32BE(4) === SSL_REQUEST) socket.write("N");
      else {
        hasStarted = true;
        said.push(bytes.toString("utf8", 8, length - 2).replaceAll("\0", " "));
        socket.write(
          Buffer.concat([
            message("R", 0),
            message("S", "server_version", "16.0"),
            message("K", 1, 2),
            ready,
          ]),
        );
      }
      return length;
    };
    const onMessage = (type: string, body: Buffer): void => {
      const text = (from: number): string => body.toString("utf8", from, body.indexOf(0, from));
      switch (type) {
        case "Q":
          query = text(0);
          said.push(query);
          socket.write(
            Buffer.concat([columns(query), row(["1"]), message("C", "SELECT 1"), ready]),
          );
          break;
        case "P":
          query = text(body.indexOf(0) + 1);
          said.push(query);
          socket.write(message("1"));
          break;
        case "B": {
          values = [];
          let at = body.indexOf(0, body.indexOf(0) + 1) + 1;
          at += 2 + 2 * body.readInt16BE(at);
          const count = body.readInt16BE(at);
          at += 2;
          for (let i = 0; i < count; i += 1) {
            const length = body.readInt32BE(at);
            values.push(body.toString("utf8", at + 4, at + 4 + length));
            at += 4 + length;
          }
          socket.write(message("2"));
          break;
        }
        case "D":
          socket.write(columns(query));
          break;
        case "E":
          socket.write(Buffer.concat([row(values), message("C", "SELECT 1")]));
          break;
        case "S":
          socket.write(ready);
          break;
        case "X":
          said.push("(end)");
          socket.end();
          break;
      }
    };
    socket.on(
      "data",
      reader((bytes) => {
        if (!hasStarted) return start(bytes);
        if (bytes.length < 5 || bytes.length < 1 + bytes.readInt32BE(1)) return 0;
        const end = 1 + bytes.readInt32BE(1);
        onMessage(bytes.toString("latin1", 0, 1), bytes.subarray(5, end));
        return end;
      }),
    );
  };
  return await listen(said, serve);
}

/**
 * MySQL: any query answers the row 1 under the name after AS. Anybody may come in; with `tls` whoever asks
 * for it and tells a password, which is said.
 */
export async function fakeMysql(tls?: SecureContextOptions): Promise<FakeServer> {
  const said: string[] = [];
  const text = (value: string): Buffer =>
    Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  return await listen(said, (plain) => {
    let socket = plain;
    let isKnown = false;
    let isAsked = false;
    const send = (from: number, ...bodies: Buffer[]): void => {
      for (const [index, body] of bodies.entries()) {
        const head = Buffer.alloc(4);
        head.writeUIntLE(body.length, 0, 3);
        head[3] = from + index;
        socket.write(Buffer.concat([head, body]));
      }
    };
    const salt = Buffer.alloc(8, 65);
    const OK = Buffer.from([0, 0, 0, 2, 0, 0, 0]);
    const END = Buffer.from([0xfe, 0, 0, 2, 0]);
    // Protocol 4.1, secure connection, plugin auth.
    send(
      0,
      Buffer.concat([
        Buffer.from([10]),
        Buffer.from("8.0.0\0"),
        int32(0),
        salt,
        Buffer.from([0, 0x00, tls === undefined ? 0x82 : 0x8a, 33, 2, 0, 0x08, 0x00, 21]),
        Buffer.alloc(10),
        Buffer.alloc(12, 66),
        Buffer.from([0]),
        Buffer.from(`${tls === undefined ? "mysql_native_password" : "caching_sha2_password"}\0`),
      ]),
    );
    const onCommand = (body: Buffer): void => {
      if (body[0] === 1) {
        said.push("(end)");
        socket.end();
        return;
      }
      const query = body.toString("utf8", 1);
      said.push(query);
      const name = /\bas (\w+)/i.exec(query)?.[1] ?? "x";
      const column = Buffer.concat([
        text("def"),
        text(""),
        text(""),
        text(""),
        text(name),
        text(""),
        Buffer.from([12, 33, 0, 255, 0, 0, 0, 3, 1, 0, 0, 0, 0]),
      ]);
      send(1, Buffer.from([1]), column, END, text("1"), END);
    };
    const onPacket = (number: number, body: Buffer): void => {
      if (isKnown) onCommand(body);
      else if (tls !== undefined && !isAsked) {
        isAsked = true;
        send(number + 1, Buffer.from([1, 4]));
      } else {
        if (tls !== undefined) said.push(`password ${body.toString("utf8", 0, body.length - 1)}`);
        isKnown = true;
        send(number + 1, OK);
      }
    };
    const read = (): void => {
      socket.on(
        "data",
        reader((bytes) => {
          if (bytes.length < 4) return 0;
          const end = 4 + bytes.readUIntLE(0, 3);
          if (bytes.length < end) return 0;
          if (tls !== undefined && socket === plain) {
            // The capabilities alone: TLS is what comes next, if it is not there already.
            said.push(`(secure) ${end - 4}`);
            plain.removeAllListeners("data").pause();
            plain.unshift(bytes.subarray(end));
            socket = new TLSSocket(plain, { isServer: true, ...tls }).on("error", () => {});
            read();
            return bytes.length;
          }
          onPacket(bytes[3] as number, bytes.subarray(4, end));
          return end;
        }),
      );
    };
    read();
  });
}

/** SMTP; with `tls` it offers STARTTLS. */
export async function fakeSmtp(tls?: SecureContextOptions): Promise<FakeServer> {
  const said: string[] = [];
  return await listen(said, (plain) => {
    const serve = (socket: Socket, isSecure: boolean): void => {
      let isData = false;
      const answer = (line: string): void => {
        if (isData) {
          if (line !== ".") return;
          isData = false;
          socket.write("250 taken\r\n");
        } else if (/^EHLO/i.test(line)) {
          const offers = tls !== undefined && !isSecure ? "250-STARTTLS\r\n" : "";
          socket.write(`250-fake\r\n${offers}250 8BITMIME\r\n`);
        } else if (line === "STARTTLS") {
          socket.removeAllListeners("data");
          socket.write("220 go\r\n");
          const secure = new TLSSocket(socket, { isServer: true, ...tls });
          secure.on("error", () => {});
          serve(secure, true);
        } else if (line === "DATA") {
          isData = true;
          socket.write("354 go on\r\n");
        } else if (line === "QUIT") socket.end("221 bye\r\n");
        else socket.write("250 ok\r\n");
      };
      socket.on(
        "data",
        reader((bytes) => {
          const end = bytes.indexOf("\r\n");
          if (end < 0) return 0;
          const line = bytes.toString("utf8", 0, end);
          said.push(isSecure ? `(secure) ${line}` : line);
          answer(line);
          return end + 2;
        }),
      );
    };
    plain.write("220 fake\r\n");
    serve(plain, false);
  });
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}
