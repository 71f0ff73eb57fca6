import { opendir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Names that are looked at in one sweep of a folder; more of them, which a folder of millions of payloads has, are left. */
const NAMES_MAX = 20_000;
/** Files that one sweep removes; the rest falls to the next ones. */
const REMOVALS_MAX = 100;
/** What `replaceFile` calls a file that is being written: the hash, and a UUID. */
const TEMPORARY = /^[0-9a-f]{64}[.][0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Removes from a folder what writers that ended in the midst of it have left there: files under a temporary name that were last
 * written before an instant. Whatever cannot be looked at or removed is left for the next sweep.
 */
export async function sweepLeftovers(folder: string, beforeMs: number): Promise<void> {
  try {
    const found = await temporariesIn(folder);
    let removed = 0;
    for (const path of found) {
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
      if (mtimeMs >= beforeMs) continue;
      await rm(path, { force: true });
      removed += 1;
      if (removed === REMOVALS_MAX) return;
    }
  } catch {
    // Payloads are stored and found all the same.
  }
}

async function temporariesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  let looked = 0;
  for await (const { name } of await opendir(folder)) {
    if (TEMPORARY.test(name)) found.push(join(folder, name));
    looked += 1;
    if (looked === NAMES_MAX) break;
  }
  return found;
}
