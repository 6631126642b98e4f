// FormData, and forms as bodies: multipart both ways, urlencoded inwards.

import { Blob, File, blobBytes, concatenate } from "./blob.js";
import { encodeText } from "./encoding.js";
import { parseForm, parseMultipart } from "./operations.js";
import { String, TypeError } from "./primordials.js";
import { randomUUID } from "./crypto.js";
import { decodeText } from "./encoding.js";

const scalar = (value) => String(value).toWellFormed();

function entry(name, value, filename) {
  if (!(value instanceof Blob)) {
    if (filename !== undefined) throw new TypeError("Only a Blob has a file name");
    return [scalar(name), scalar(value)];
  }
  if (value instanceof File && filename === undefined) return [scalar(name), value];
  const title = filename === undefined ? "blob" : scalar(filename);
  const lastModified = value instanceof File ? value.lastModified : undefined;
  return [scalar(name), new File([value], title, { type: value.type, lastModified })];
}

export class FormData {
  #entries = [];

  constructor(form) {
    if (form !== undefined) throw new TypeError("There are no form elements here: FormData takes no argument");
  }

  append(name, value, filename) {
    this.#entries.push(entry(name, value, filename));
  }

  set(name, value, filename) {
    const added = entry(name, value, filename);
    const first = this.#entries.findIndex(([n]) => n === added[0]);
    if (first < 0) return void this.#entries.push(added);
    this.#entries = this.#entries.filter(([n], index) => n !== added[0] || index === first);
    this.#entries[first] = added;
  }

  delete(name) {
    this.#entries = this.#entries.filter(([n]) => n !== scalar(name));
  }

  get(name) {
    return this.#entries.find(([n]) => n === scalar(name))?.[1] ?? null;
  }

  getAll(name) {
    return this.#entries.filter(([n]) => n === scalar(name)).map(([, value]) => value);
  }

  has(name) {
    return this.#entries.some(([n]) => n === scalar(name));
  }

  forEach(callback, self) {
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  *entries() {
    for (let i = 0; i < this.#entries.length; i++) yield [...this.#entries[i]];
  }

  *keys() {
    for (const [name] of this.entries()) yield name;
  }

  *values() {
    for (const [, value] of this.entries()) yield value;
  }

  get [Symbol.toStringTag]() {
    return "FormData";
  }
}
Object.defineProperty(FormData.prototype, Symbol.iterator, {
  value: FormData.prototype.entries, writable: true, enumerable: false, configurable: true,
});

const quoted = (text) => text.replace(/\n/g, "%0A").replace(/\r/g, "%0D").replace(/"/g, "%22");
const lines = (text) => text.replace(/\r\n?|\n/g, "\r\n");

/** A form as `{bytes, type}`. */
export function multipart(form) {
  const boundary = `----emdash-${randomUUID()}`;
  const chunks = [];
  for (const [name, value] of form) {
    let head = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(lines(name))}"`;
    if (value instanceof File) {
      head += `; filename="${quoted(value.name)}"\r\nContent-Type: ${value.type || "application/octet-stream"}`;
    }
    chunks.push(encodeText(`${head}\r\n\r\n`), value instanceof File ? blobBytes(value) : encodeText(lines(value)));
    chunks.push(encodeText("\r\n"));
  }
  chunks.push(encodeText(`--${boundary}--\r\n`));
  return { bytes: concatenate(chunks), type: `multipart/form-data; boundary=${boundary}` };
}

function formFromParts(bytes, boundary) {
  const form = new FormData();
  for (const { name, filename, type, start, end } of parseMultipart(bytes, boundary)) {
    const content = bytes.subarray(start, end);
    if (filename === null) form.append(name, decodeText(content));
    else form.append(name, new File([content], filename, { type: type ?? "text/plain" }));
  }
  return form;
}

/** The form a body of this content type holds. */
export function formFrom(bytes, contentType) {
  const essence = contentType.split(";", 1)[0].trim().toLowerCase();
  if (essence === "multipart/form-data") {
    const [, quotedBoundary, boundary] = /;\s*boundary=(?:"([^"]*)"|([^;\s]*))/i.exec(contentType) ?? [];
    const limit = quotedBoundary ?? boundary;
    if (!limit) throw new TypeError("The content type names no boundary");
    return formFromParts(bytes, limit);
  }
  if (essence !== "application/x-www-form-urlencoded") {
    throw new TypeError(`formData() reads multipart/form-data and application/x-www-form-urlencoded bodies, this one is "${contentType}"`);
  }
  const form = new FormData();
  for (const [name, value] of parseForm(decodeText(bytes))) form.append(name, value);
  return form;
}
