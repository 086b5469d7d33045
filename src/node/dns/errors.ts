/** Errors of node:dns (spec/node.md 8.4). */

export class DnsError extends Error {
  readonly errno: undefined = undefined;
  readonly code: string;
  readonly syscall: string;
  readonly hostname: string;

  constructor(syscall: string, code: string, hostname: string) {
    super(`${syscall} ${code} ${hostname}`);
    this.code = code;
    this.syscall = syscall;
    this.hostname = hostname;
  }
}
Object.defineProperty(DnsError, "name", { value: "Error" });
