/** Which objects are MessagePorts: events.ts asks, message-channel.ts, which stands on it, tells. */
const ports = new WeakSet<object>();

export function addPort(port: object): void {
  ports.add(port);
}

export function isMessagePort(value: unknown): boolean {
  return typeof value === "object" && value !== null && ports.has(value);
}
