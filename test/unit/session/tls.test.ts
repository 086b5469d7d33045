import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:tls";
import { expect, test } from "vitest";
import { createCertificate } from "../../../src/session/certificate.ts";
import { loadTls } from "../../../src/session/tls.ts";
import { tempProject } from "../../helpers/temp-project.ts";

const HOSTS = ["localhost", "api.localhost"];

test("the certificate is valid TLS for its hosts and the loopback addresses", async () => {
  const { key, cert } = createCertificate(HOSTS, new Date(), 2);
  const server = createServer({ key, cert }, (socket) => socket.end("hello")).listen(
    0,
    "127.0.0.1",
  );
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  for (const servername of HOSTS) {
    const socket = connect({ port, host: "127.0.0.1", servername, ca: cert });
    await once(socket, "secureConnect");
    expect(socket.authorized).toBe(true);
    const [data] = (await once(socket, "data")) as [Buffer];
    expect(data.toString()).toBe("hello");
    socket.destroy();
  }
  server.close();
  const parsed = new X509Certificate(cert);
  expect(parsed.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(parsed.checkIP("::1")).toBe("::1");
  expect(parsed.checkHost("example.com")).toBeUndefined();
});

test("a certificate that was made is kept, until it is about to end or a host is missing", async () => {
  await using project = await tempProject();
  const first = loadTls(undefined, HOSTS, project.path("https"));
  expect(loadTls(undefined, HOSTS, project.path("https"))).toEqual(first);
  const wider = loadTls(undefined, [...HOSTS, "auth.localhost"], project.path("https"));
  expect(wider.cert).not.toBe(first.cert);
  const old = createCertificate(HOSTS, new Date(Date.now() - 24 * 60 * 60 * 1000), 2);
  await project.write("https/localhost.pem", old.cert);
  expect(loadTls(undefined, HOSTS, project.path("https")).cert).not.toBe(old.cert);
});

test("one file without the other is an error with exit code 2", () => {
  expect(() => loadTls({ keyPath: "/k.pem", certPath: undefined }, HOSTS)).toThrow(
    expect.objectContaining({ code: "TLS_FILES", exitCode: 2 }),
  );
});
