import type { StorageTarget } from "../payload/storage-driver.ts";

/** Longer names are refused by Google Cloud Storage, in bytes. */
const NAME_BYTES_MAX = 1024;
/** What the service forbids in names or advises against, what would begin another segment, and the sign of escapes itself. */
const UNSAFE = /[\p{Cc}#[\]*?:"<>|/%]/gu;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The name of the object that keeps a payload: whom it is for, then its hash, as the reference SDKs' drivers for Google
 * Cloud Storage lay it out. Names that are too long say only the namespace, by which access may be granted; claims say where
 * a payload is, so that any name will do.
 */
export function gcsObjectName(target: StorageTarget | undefined, hash: string): string {
  const digest = `d/sha256/${hash}`;
  if (target === undefined) return `v0/${digest}`;
  const [typeTag, idTag] = target.kind === "workflow" ? ["wt", "wi"] : ["at", "ai"];
  const namespace = `v0/ns/${segment(target.namespace)}`;
  const owner = `${typeTag}/${segment(target.type)}/${idTag}/${segment(target.id)}/ri/${segment(target.runId)}`;
  const names = [`${namespace}/${owner}/${digest}`, `${namespace}/${digest}`];
  return names.find((name) => encoder.encode(name).length <= NAME_BYTES_MAX) ?? `v0/${digest}`;
}

function segment(text: string | undefined): string {
  if (text === undefined || text === "") return "null";
  const escaped = decoder.decode(encoder.encode(text)).replaceAll(UNSAFE, escape);
  return escaped === "." || escaped === ".." ? escaped.replaceAll(".", "%2E") : escaped;
}

/** A character as %XX of its UTF-8 bytes. */
function escape(character: string): string {
  return Array.from(encoder.encode(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(
    "",
  );
}
