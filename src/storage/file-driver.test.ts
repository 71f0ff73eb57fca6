import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
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

test("keys name whom a payload is for as the reference SDKs do", () => {
  expect(storageKey(target, "00")).toBe("v0/ns/default/wt/W/wi/..%2F..%2Fescape/ri/null/d/sha256/00");
  const activity = { kind: "activity", namespace: "n~s", id: "ä", type: "T", runId: "r" } as const;
  expect(storageKey(activity, "00")).toBe("v0/ns/n%7Es/at/T/ai/%C3%A4/ri/r/d/sha256/00");
  expect(storageKey(undefined, "00")).toBe("v0/d/sha256/00");
});
