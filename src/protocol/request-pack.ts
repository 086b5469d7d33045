/**
 * Lines of finished requests on their way from the host to the session: thousands a second in a load
 * test, so what they have in common (Worker, method, path, the beginning of their ids) is written once.
 * Packed by host/request-packer.ts, unpacked by session/unpack-requests.ts.
 */

export interface RequestPack {
  readonly type: "requests";
  readonly texts: readonly string[];
  /** RequestColumn.count of each request; texts by index, -1 where there is none. */
  readonly numbers: readonly number[];
  /** Milliseconds; apart, so that the numbers are small ones, which take two bytes on the wire. */
  readonly durations: readonly number[];
}

/** Of each request in RequestPack.numbers. */
export const RequestColumn = {
  worker: 0,
  method: 1,
  path: 2,
  status: 3,
  statusText: 4,
  flags: 5,
  note: 6,
  /** With `idPrefix`, its id. */
  number: 7,
  idPrefix: 8,
  /** The seed of its trace id (util/trace-id.ts); with RequestFlag.ownTrace that id itself. */
  trace: 9,
  count: 10,
} as const;

export const RequestFlag = { aborted: 1, cut: 2, ownTrace: 4 } as const;

/** How many there are in it. */
export function packedRequests({ durations }: RequestPack): number {
  return durations.length;
}
