/** The KV namespace that a command means (spec/resources.md 3), opened for it. */
import { KvNamespaceStore } from "../../../resources/kv/kv-namespace.ts";
import { ExitCode, messageOf, UserError } from "../../../util/errors.ts";
import type { Terminal } from "../../ui/terminal.ts";
import {
  commandFailed,
  type LocalState,
  type LocalValues,
  locateState,
  notConfigured,
  storesOf,
  usageError,
} from "../state.ts";

export interface NamespaceValues extends LocalValues {
  readonly binding?: string;
  readonly namespaceId?: string;
}

interface Namespace {
  readonly id: string;
  /** As the lines of the commands name it. */
  readonly shown: string;
}

/**
 * Runs `run` on the namespace; whatever it or the rules of KV refuse is told without a stack.
 * @param command what stands behind "kv"
 */
export async function onNamespace(
  command: string,
  values: NamespaceValues,
  terminal: Terminal,
  run: (store: KvNamespaceStore, where: string) => void | Promise<void>,
): Promise<number> {
  const needsConfig = values.namespaceId === undefined;
  const state = await locateState(values, `kv ${command}`, terminal, { needsConfig });
  const { id, shown } = chooseNamespace(state, values);
  const store = new KvNamespaceStore(state.root, id);
  try {
    await run(store, shown);
    return ExitCode.ok;
  } catch (error) {
    throw error instanceof UserError ? error : commandFailed(messageOf(error));
  } finally {
    await store.close();
  }
}

/** @throws UserError BINDING_NOT_FOUND naming those that exist, FLAG_VALUE where it is ambiguous */
function chooseNamespace(
  state: LocalState,
  { binding, namespaceId, preview }: NamespaceValues,
): Namespace {
  if ((binding === undefined) === (namespaceId === undefined)) {
    throw usageError(
      "Missing required option: exactly one of --binding and --namespace-id must be provided",
    );
  }
  if (namespaceId !== undefined) return { id: namespaceId, shown: `id: "${namespaceId}"` };
  const all = storesOf(state, "kv");
  const store = all.find((candidate) => candidate.binding === binding);
  if (store === undefined) {
    const names = all.map((candidate) => candidate.binding).join(", ");
    throw notConfigured(
      `No KV namespace with binding "${binding}" was found in the "kv_namespaces" section of your wrangler config. Check the binding name is correct, or use \`--namespace-id\` instead.`,
      names === "" ? "It has none." : `It has: ${names}`,
    );
  }
  const { id, preview_id: previewId } = store.item;
  const hasBoth = Boolean(id) && Boolean(previewId);
  if (hasBoth && preview === undefined) {
    throw usageError(
      `The binding "${binding}" has both an "id" and a "preview_id" configured. Pass \`--preview\` to target the preview namespace, or \`--preview false\` to target the production namespace.`,
    );
  }
  const chosen = hasBoth && preview === false ? String(id) : store.id;
  return { id: chosen, shown: `binding: "${binding}" (id: "${chosen}")` };
}
