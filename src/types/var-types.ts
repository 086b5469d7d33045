/** Types of the values in `vars` (spec/devtools-types.md 6, "Vars and secrets"). */

/** @param strict literal types: the value's JSON */
export function varType(value: unknown, strict: boolean): string {
  if (strict) return JSON.stringify(value);
  if (!Array.isArray(value)) return nameOf(value);
  const names = [...new Set(value.map(nameOf))].sort();
  if (names.length === 0) return "unknown[]";
  return names.length === 1 ? `${names[0]}[]` : `(${names.join("|")})[]`;
}

function nameOf(value: unknown): string {
  return value === null ? "object" : typeof value;
}
