/**
 * The shape of one entry of `durable_objects.bindings`, and what is said of misshapen ones, in
 * wrangler's words (spec/durable-objects.md 1.1).
 */
import { formatPath, isTable } from "./document.ts";
import { type Schema, warnUnknownKeys } from "./schema.ts";

const FIELDS = ["name", "class_name", "script_name", "environment"];

export const objectBindingSchema: Schema = {
  kind: "custom",
  check: (item, path, diagnostics) => {
    const place = formatPath(path);
    const got = JSON.stringify(item);
    if (!isTable(item)) {
      diagnostics.error(`Expected "${place}" to be an object but got ${got}`, path, "value");
      return false;
    }
    let valid = true;
    const fail = (text: string, field: string): void => {
      valid = false;
      const at = item[field] === undefined ? path : [...path, field];
      diagnostics.error(`"${place}": ${got}\n${text}`, at, "value");
    };
    for (const field of ["name", "class_name"]) {
      if (typeof item[field] === "string") continue;
      fail(`binding should have a string "${field}" field.`, field);
    }
    for (const field of ["script_name", "environment"]) {
      if (item[field] === undefined || typeof item[field] === "string") continue;
      fail(`the field "${field}", when present, should be a string.`, field);
    }
    if (item.environment !== undefined && item.script_name === undefined) {
      fail('binding should have a "script_name" field if "environment" is present.', "environment");
    }
    warnUnknownKeys(item, FIELDS, path, diagnostics);
    return valid;
  },
};
