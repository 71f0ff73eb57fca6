import type { JsonValue } from "../../proto/json-value.ts";

/**
 * Writes a value as the service writes the data of a payload that was sent as shorthand: names in order, and what has a
 * meaning in HTML escaped. Workers of all languages then see the same bytes.
 */
export function toCanonicalJson(value: JsonValue): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string") return writeString(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(toCanonicalJson).join(",")}]`;
  const names = Object.keys(value).toSorted();
  return `{${names.map((name) => `${writeString(name)}:${toCanonicalJson(value[name] ?? null)}`).join(",")}}`;
}

/** Writes an answer with all digits of its numbers, which JSON.stringify cannot. @param indent Spaces that make it pretty, or none. */
export function writeJson(value: JsonValue, indent: string, margin = ""): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const deeper = margin + indent;
  const colon = indent === "" ? ":" : ": ";
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((one) => writeJson(one, indent, deeper))
    : Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}${colon}${writeJson(one, indent, deeper)}`);
  const line = indent === "" || parts.length === 0 ? "" : `\n${deeper}`;
  const last = line === "" ? "" : `\n${margin}`;
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  return `${open}${line}${parts.join(`,${line}`)}${last}${close}`;
}

function writeString(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
