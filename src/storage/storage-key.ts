import { createHash } from "node:crypto";
import type { StorageTarget } from "../payload/storage-driver.ts";

/** SHA-256 of bytes, in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Longer keys are refused by S3. */
const KEY_BYTES_MAX = 1024;

/**
 * Where a payload is kept: by whom it is for, then by its hash. The same for the same payload, so that a second try
 * writes nothing new; the layout is that of the reference SDKs' S3 drivers. Names that make a key longer than S3 allows are
 * left out of it: claims say where a payload is, so that any key will do.
 */
export function storageKey(target: StorageTarget | undefined, hash: string): string {
  const segments = ["v0"];
  if (target !== undefined) {
    const [typeTag, idTag] = target.kind === "workflow" ? ["wt", "wi"] : ["at", "ai"];
    if (target.namespace !== "") segments.push("ns", escapeSegment(target.namespace));
    segments.push(typeTag, orNull(target.type), idTag, orNull(target.id), "ri", orNull(target.runId));
  }
  const key = [...segments, "d", "sha256", hash].join("/");
  return key.length <= KEY_BYTES_MAX ? key : `v0/d/sha256/${hash}`;
}

function orNull(text: string | undefined): string {
  return text === undefined || text === "" ? "null" : escapeSegment(text);
}

/** What is not safe in keys as %XX of its UTF-8 bytes. */
function escapeSegment(text: string): string {
  const wellFormed = new TextDecoder().decode(new TextEncoder().encode(text));
  const escaped = encodeURIComponent(wellFormed).replaceAll("~", "%7E");
  // Stores that keep objects in files, and what lies on the way to them, take these for a way out.
  return /^\.+$/.test(escaped) ? escaped.replaceAll(".", "%2E") : escaped;
}
