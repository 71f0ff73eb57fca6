import { mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { VirtualClock } from "../core/time/virtual-clock.ts";
import { defaultPayloadConverter } from "../payload/default-converter.ts";
import { FileSystemStorageDriver } from "./file-driver.ts";
import { storageKey } from "./storage-key.ts";

const target = { kind: "workflow", namespace: "default", id: "../../escape", type: "W" } as const;

test("files keep payloads, once for the same one, and a changed file is found out", async () => {
  const folder = await mkdtemp(join(tmpdir(), "perdure-files-"));
  try {
    const driver = new FileSystemStorageDriver({ folder });
    const payloads = ["a", { b: 1 }, "a"].map((value) => defaultPayloadConverter.toPayload(value));
    const claims = await driver.store({ target }, payloads);
    await driver.store({ target }, payloads);
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    expect(files).toHaveLength(2);
    expect(await new FileSystemStorageDriver({ folder }).retrieve({}, claims)).toEqual(payloads);
    const [file] = files;
    await writeFile(join(file?.parentPath ?? "", file?.name ?? ""), "changed");
    await expect(driver.retrieve({}, claims)).rejects.toThrow("integrity check failed");
    await rm(folder, { recursive: true });
    await expect(driver.retrieve({}, claims)).rejects.toMatchObject({
      type: "PayloadNotFoundError",
      nonRetryable: true,
    });
    await expect(driver.retrieve({}, [{ claimData: {} }])).rejects.toThrow("its claim is missing key");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "perdure-files-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

const payload = defaultPayloadConverter.toPayload("x".repeat(1_000));

test("a damaged file is written anew when its payload is stored again", async () => {
  const folder = await newFolder();
  const driver = new FileSystemStorageDriver({ folder });
  const claims = await driver.store({ target }, [payload]);
  const [file = ""] = await filesIn(folder);
  for (const damage of [
    async () => writeFile(file, Buffer.alloc((await readFile(file)).length)),
    () => truncate(file, 10),
  ]) {
    await damage();
    await expect(driver.retrieve({}, claims)).rejects.toThrow("integrity check failed");
    await driver.store({ target }, [payload]);
    expect(await driver.retrieve({}, claims)).toEqual([payload]);
  }
});

test("a file that is larger than its reference says is not read", async () => {
  const folder = await newFolder();
  const driver = new FileSystemStorageDriver({ folder });
  const [claim] = await driver.store({ target }, [payload]);
  const claimed = { claimData: claim?.claimData ?? {}, sizeBytes: 7 };
  await expect(driver.retrieve({}, [claimed])).rejects.toThrow(/expected 7 bytes at most, found \d+/);
});

test("many writers of one payload leave one file, and nothing half written", async () => {
  const folder = await newFolder();
  const drivers = Array.from({ length: 20 }, () => new FileSystemStorageDriver({ folder }));
  const claims = await Promise.all(drivers.map((driver) => driver.store({ target }, [payload, payload])));
  expect(await filesIn(folder)).toHaveLength(1);
  expect(await drivers[0]?.retrieve({}, claims.flat())).toHaveLength(40);
});

test("what the file system refuses is told without the file's path, and leaves nothing behind", async () => {
  const folder = await newFolder();
  await writeFile(join(folder, "file"), "");
  const driver = new FileSystemStorageDriver({ folder: join(folder, "file", "inside") });
  const error: unknown = await driver.store({ target }, [payload]).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "TEMPORAL_EXTERNAL_STORAGE" });
  expect((error as Error).message).toBe("Cannot store a payload by driver 'perdure.file': ENOTDIR, see the cause");
  expect(await filesIn(folder)).toHaveLength(1);
});

test("what a crash has left half written is removed after a day, a little at a time, and nothing else is", async () => {
  const folder = await newFolder();
  const clock = new VirtualClock(Date.UTC(2026, 0, 3));
  const driver = new FileSystemStorageDriver({ folder, clock });
  const claims = await driver.store({ target }, [payload]);
  const [file = ""] = await filesIn(folder);
  const leave = async (suffix: string, writtenMs: number): Promise<string> => {
    await writeFile(file + suffix, "half");
    await utimes(file + suffix, writtenMs / 1_000, writtenMs / 1_000);
    return file + suffix;
  };
  const dayMs = 86_400_000;
  const uuid = (count: number): string => `.00000000-0000-4000-8000-${String(count).padStart(12, "0")}`;
  for (let count = 0; count < 120; count += 1) await leave(uuid(count), clock.now() - dayMs);
  const young = await leave(uuid(200), clock.now() + 1);
  const others = [await leave(".bak", 0), await leave(`${uuid(300)}.txt`, 0)];
  await utimes(file, 0, 0);
  // The driver has just looked.
  await driver.store({ target }, [payload]);
  expect(await filesIn(folder)).toHaveLength(124);
  clock.advanceBy(3_600_000);
  await driver.store({ target }, [payload]);
  expect(await filesIn(folder)).toHaveLength(24);
  await new FileSystemStorageDriver({ folder, clock }).store({ target }, [payload]);
  expect((await filesIn(folder)).toSorted()).toEqual([file, young, ...others].toSorted());
  clock.advanceBy(dayMs);
  await driver.store({ target }, [payload]);
  expect((await filesIn(folder)).toSorted()).toEqual([file, ...others].toSorted());
  expect(await driver.retrieve({}, claims)).toEqual([payload]);
});

test("names that lead out of a folder, or make a key too long, are not in keys as they are", () => {
  expect(storageKey({ ...target, id: ".." }, "00")).toBe("v0/ns/default/wt/W/wi/%2E%2E/ri/null/d/sha256/00");
  expect(storageKey({ ...target, id: "a.b", type: "." }, "00")).toBe("v0/ns/default/wt/%2E/wi/a.b/ri/null/d/sha256/00");
  expect(storageKey({ ...target, id: "ä".repeat(300) }, "00")).toBe("v0/d/sha256/00");
});

test("keys name whom a payload is for as the reference SDKs do", () => {
  expect(storageKey(target, "00")).toBe("v0/ns/default/wt/W/wi/..%2F..%2Fescape/ri/null/d/sha256/00");
  const activity = { kind: "activity", namespace: "n~s", id: "ä", type: "T", runId: "r" } as const;
  expect(storageKey(activity, "00")).toBe("v0/ns/n%7Es/at/T/ai/%C3%A4/ri/r/d/sha256/00");
  expect(storageKey(undefined, "00")).toBe("v0/d/sha256/00");
});
