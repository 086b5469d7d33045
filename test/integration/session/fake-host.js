/**
 * Stands for dist/programs/host.cjs: serves its pid on the sockets that it is handed, dies on demand.
 * Plain JavaScript, because it is forked.
 */
import { createServer } from "node:http";

const server = () =>
  createServer((request, response) => {
    if (request.url === "/abort") process.abort();
    if (request.url === "/exit") process.exit(7);
    response.end(String(process.pid));
  });

process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit());
process.on("message", (message, handle) => {
  if (message.type === "listen") {
    const { id } = message;
    server()
      .on("error", ({ code, message: text }) =>
        process.send({ type: "listen-failed", id, code, message: text }),
      )
      .listen(handle, function onListening() {
        process.send({ type: "listening", id, address: "", port: this.address().port });
      });
  }
  if (message.type === "stop" && !process.env.FAKE_HOST_HANGS) process.exit();
});
if (process.env.FAKE_HOST_DIES) {
  console.error("cannot boot: no flux");
  process.exit(1);
}
process.send({ type: "booted" });
process.send({ type: "busy", workers: ["api"] });
