/**
 * `env.DATASET` of Analytics Engine (spec/resources.md 12). Data points go to a local table
 * (resources/analytics); what production would refuse is said in the log and stored as far as it goes.
 */
import { requireInvocation } from "../../../isolate/invocation.ts";
import { logRuntime } from "../../../isolate/log.ts";
import type { ResourceSettings } from "../../../protocol/worker-spec.ts";
import { messageOf } from "../../../util/errors.ts";
import type { BindingFlags, ResourceCaller } from "../resource.ts";

const MAX_INDEX_BYTES = 96;
const MAX_BLOB_BYTES = 16_000;
const MAX_FIELDS = 20;

const callers: WeakMap<object, ResourceCaller> = new WeakMap();

class LocalAnalyticsEngineDataset {
  readonly env: { readonly dataset: string };

  constructor(dataset: string) {
    this.env = { dataset };
  }

  writeDataPoint(point?: unknown): void {
    const call = callers.get(this.env);
    const invocation = requireInvocation("writeDataPoint");
    if (call === undefined) return;
    const time = Date.now();
    const { indexes, blobs, doubles } = (point ?? {}) as Readonly<Record<string, unknown>>;
    const problems: string[] = [];
    const row = {
      time,
      index: indexOf(listOf(indexes), problems),
      blobs: blobsOf(listOf(blobs), problems),
      doubles: doublesOf(listOf(doubles), problems),
    };
    for (const problem of problems) {
      const text = `${problem} Production throws a TypeError.`;
      logRuntime("warn", text, text);
    }
    // The Worker does not wait for it, its invocation does.
    const written = call("write", row).catch((error: unknown) => {
      const text = messageOf(error);
      logRuntime("error", text, text);
    });
    invocation.waitUntil(written);
  }
}

export function createAnalytics(
  call: ResourceCaller,
  _flags: BindingFlags,
  { dataset }: ResourceSettings,
): LocalAnalyticsEngineDataset {
  const binding = new LocalAnalyticsEngineDataset(String(dataset));
  callers.set(binding.env, call);
  return binding;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString();
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString();
  }
  return String(value);
}

function indexOf(indexes: readonly unknown[], problems: string[]): string {
  if (indexes.length > 1) problems.push("writeDataPoint(): Maximum of 1 indexes supported.");
  const index = textOf(indexes[0]);
  if (Buffer.byteLength(index) > MAX_INDEX_BYTES) {
    problems.push("writeDataPoint(): Size of indexes[0] exceeds 96 bytes).");
  }
  return index;
}

function blobsOf(blobs: readonly unknown[], problems: string[]): string[] {
  if (blobs.length > MAX_FIELDS) {
    problems.push("writeDataPoint(): Maximum of 20 blobs supported.");
  }
  const texts = blobs.slice(0, MAX_FIELDS).map(textOf);
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > MAX_BLOB_BYTES) {
    problems.push("writeDataPoint(): Cumulative size of blobs exceeds 16000 bytes).");
  }
  return texts;
}

function doublesOf(doubles: readonly unknown[], problems: string[]): number[] {
  if (doubles.length > MAX_FIELDS) {
    problems.push("writeDataPoint(): Maximum of 20 doubles supported.");
  }
  return doubles.slice(0, MAX_FIELDS).map((value) => {
    const number = typeof value === "symbol" ? Number.NaN : Number(value);
    return Number.isFinite(number) ? number : 0;
  });
}
