/** The Worker's `FormData`: an ordered list of names with strings or Files (of this runtime). */

import { defineInterface } from "../interfaces/define-interface.ts";
import { iterateEntries, iterateKeys, iterateValues } from "../interfaces/iterators.ts";
import { type Blob, blobBytes, createFile, File, isBlob } from "./blob.ts";

export type FormDataValue = string | File;

let listOf: (form: FormData) => readonly [string, FormDataValue][];
let isFormDataBrand: (value: object) => boolean;

export class FormData {
  #list: [string, FormDataValue][] = [];

  static {
    listOf = (form) => form.#list;
    isFormDataBrand = (value) => #list in value;
  }

  append(name: string, value: string | Blob, filename?: string): void {
    this.#list.push([String(name), toEntryValue(name, value, filename)]);
  }

  set(name: string, value: string | Blob, filename?: string): void {
    const entry: [string, FormDataValue] = [String(name), toEntryValue(name, value, filename)];
    const at = this.#list.findIndex(([key]) => key === entry[0]);
    if (at < 0) this.#list.push(entry);
    else {
      this.#list = this.#list.filter(([key], index) => index <= at || key !== entry[0]);
      this.#list[at] = entry;
    }
  }

  delete(name: string): void {
    const text = String(name);
    this.#list = this.#list.filter(([key]) => key !== text);
  }

  get(name: string): FormDataValue | null {
    const text = String(name);
    return this.#list.find(([key]) => key === text)?.[1] ?? null;
  }

  getAll(name: string): FormDataValue[] {
    const text = String(name);
    return this.#list.filter(([key]) => key === text).map(([, value]) => value);
  }

  has(name: string): boolean {
    const text = String(name);
    return this.#list.some(([key]) => key === text);
  }

  forEach(
    callback: (value: FormDataValue, key: string, parent: FormData) => void,
    self?: unknown,
  ): void {
    for (const [key, value] of this.#list) callback.call(self, value, key, this);
  }

  entries(): IterableIterator<[string, FormDataValue]> {
    return iterateEntries((index) => this.#list[index]);
  }

  keys(): IterableIterator<string> {
    return iterateKeys((index) => this.#list[index]);
  }

  values(): IterableIterator<FormDataValue> {
    return iterateValues((index) => this.#list[index]);
  }

  [Symbol.iterator](): IterableIterator<[string, FormDataValue]> {
    return iterateEntries((index) => this.#list[index]);
  }
}
defineInterface(FormData, "FormData", {
  brand: isFormDataBrand,
  parameters: {
    append: "string|File or Blob or string",
    set: "string|File or Blob or string",
    delete: "string",
    get: "string",
    getAll: "string",
    has: "string",
    forEach: "function",
  },
  entries: (form) => listOf(form as FormData),
});

export function isFormData(value: unknown): value is FormData {
  return typeof value === "object" && value !== null && isFormDataBrand(value);
}

/** The live list: read only. */
export function formDataEntries(form: FormData): readonly [string, FormDataValue][] {
  return listOf(form);
}

function toEntryValue(field: string, value: unknown, filename: unknown): FormDataValue {
  if (!isBlob(value)) return `${value}`;
  if (value instanceof File && filename === undefined) return value;
  // Production names a nameless Blob after its field.
  const name = filename === undefined ? field : `${filename}`;
  return createFile(blobBytes(value), name, value.type);
}
