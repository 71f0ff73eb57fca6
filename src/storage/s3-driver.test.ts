import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import S3rver from "s3rver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defaultPayloadConverter } from "../payload/default-converter.ts";
import { awsS3Client } from "./s3-client.ts";
import { S3StorageDriver } from "./s3-driver.ts";

let folder: string;
let server: S3rver;
let aws: S3Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "perdure-s3-"));
  server = new S3rver({ port: 0, address: "127.0.0.1", silent: true, directory: folder });
  const { port } = await server.run();
  aws = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" },
    maxAttempts: 1,
  });
  await aws.send(new CreateBucketCommand({ Bucket: "payloads" }));
});
afterAll(async () => {
  aws.destroy();
  await server.close();
  await rm(folder, { recursive: true });
});

const payloads = ["a", { b: "x".repeat(100_000) }].map((value) => defaultPayloadConverter.toPayload(value));
const target = { kind: "workflow", namespace: "default", id: "order 7", type: "Order" } as const;

test("payloads are kept in S3 under keys that say whom they are for", async () => {
  const driver = new S3StorageDriver({ client: awsS3Client(aws), bucket: "payloads" });
  const claims = await driver.store({ target }, payloads);
  expect(claims[0]?.claimData).toEqual({
    bucket: "payloads",
    key: expect.stringMatching(
      /^v0\/ns\/default\/wt\/Order\/wi\/order%207\/ri\/null\/d\/sha256\/[0-9a-f]{64}$/,
    ) as string,
    hash_algorithm: "sha256",
    hash_value: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    hashAlgorithm: "sha256",
    hashValue: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
  });
  expect(await driver.store({ target }, payloads)).toEqual(claims);
  expect(await driver.retrieve({}, claims)).toEqual(payloads);
  const { bucket = "", key = "", hash_value: hashValue = "" } = claims[0]?.claimData ?? {};
  const ofTypeScript = { claimData: { bucket, key, hashAlgorithm: "sha256", hashValue } };
  expect(await driver.retrieve({}, [ofTypeScript])).toEqual([payloads[0]]);
});

test("S3's errors say which bucket and key, and large payloads are refused", async () => {
  const driver = new S3StorageDriver({ client: awsS3Client(aws), bucket: () => "missing", maxPayloadSize: 1000 });
  await expect(driver.store({ target: undefined }, [payloads[0] as never])).rejects.toThrow(
    /store failed \[bucket=missing, key=v0\/d\/sha256\/[0-9a-f]+, client_region=us-east-1\]/,
  );
  await expect(driver.store({ target }, [payloads[1] as never])).rejects.toThrow(`"maxPayloadSize"`);
  const elsewhere = { bucket: "missing", key: "v0/none", hash_algorithm: "sha256", hash_value: "00" };
  await expect(driver.retrieve({}, [{ claimData: elsewhere }])).rejects.toThrow("retrieve failed [bucket=missing");
  expect(() => new S3StorageDriver({ client: awsS3Client(aws), bucket: "b", maxPayloadSize: 0 })).toThrow(
    "more than 0",
  );
});

test("an object that is gone cannot come back by trying again", async () => {
  const driver = new S3StorageDriver({ client: awsS3Client(aws), bucket: "payloads" });
  const missing = { bucket: "payloads", key: "v0/none", hash_algorithm: "sha256", hash_value: "00" };
  await expect(driver.retrieve({}, [{ claimData: missing }])).rejects.toMatchObject({
    type: "PayloadNotFoundError",
    nonRetryable: true,
  });
});

test("an object that was replaced is found out, and a larger one is not read to its end", async () => {
  const client = awsS3Client(aws);
  const driver = new S3StorageDriver({ client, bucket: "payloads" });
  const [claim] = await driver.store({ target }, payloads);
  const { key = "" } = claim?.claimData ?? {};
  await client.putObject({ bucket: "payloads", key, data: new Uint8Array(1_000_000) });
  await expect(driver.retrieve({}, [claim as never])).rejects.toThrow("integrity check failed");
  const sized = { claimData: claim?.claimData ?? {}, sizeBytes: 20 };
  await expect(driver.retrieve({}, [sized])).rejects.toMatchObject({
    cause: { message: "the object has more than the 20 bytes that were stored" },
  });
});

test("a call that takes too long is given up", async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => {
    silent.listen(0, "127.0.0.1", resolve);
  });
  const { port } = silent.address() as AddressInfo;
  const deaf = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "key", secretAccessKey: "not to be told" },
  });
  const driver = new S3StorageDriver({ client: awsS3Client(deaf, { callTimeout: 50 }), bucket: "payloads" });
  const error: unknown = await driver.store({ target }, payloads).catch((reason: unknown) => reason);
  expect(String(error)).toContain("store failed [bucket=payloads");
  expect(inspect(error, { depth: 10 })).not.toContain("not to be told");
  deaf.destroy();
  silent.closeAllConnections();
  silent.close();
});
