import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { sha256 } from "./storage-key.ts";

/**
 * Writes bytes into a file of their own, unless it holds them already, and answers when a crash of the machine would leave
 * them there. Several may write the same file at once.
 */
export async function keepFile(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  if (!(await holds(path, bytes))) await replaceFile(path, bytes);
  // The name is in the folder, which in turn may be new.
  await syncFolder(folder);
  await syncFolder(dirname(folder));
}

/** One that was damaged is written anew. */
async function holds(path: string, bytes: Uint8Array): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.size !== bytes.length) return false;
  return sha256(await readFile(path)) === sha256(bytes);
}

async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  // Under another name first: nobody ever sees half a payload.
  const temporary = `${path}.${randomUUID()}`;
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    // Where a file that is being read cannot be replaced, another writer has been faster.
    if (!(await holds(path, bytes))) throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no such thing, and needs none.
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The bytes of a file. @throws What `tooLarge` makes of its size if that is above the limit; then nothing is read. */
export async function readKeptFile(
  path: string,
  bytesMax: number | undefined,
  tooLarge: (foundBytes: number) => Error,
): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    if (bytesMax !== undefined && size > bytesMax) throw tooLarge(size);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
