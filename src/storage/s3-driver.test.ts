import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
  });
  expect(await driver.store({ target }, payloads)).toEqual(claims);
  expect(await driver.retrieve({}, claims)).toEqual(payloads);
});

test("S3's errors say which bucket and key, and large payloads are refused", async () => {
  const driver = new S3StorageDriver({ client: awsS3Client(aws), bucket: () => "missing", maxPayloadSize: 1000 });
  await expect(driver.store({ target: undefined }, [payloads[0] as never])).rejects.toThrow(
    /store failed \[bucket=missing, key=v0\/d\/sha256\/[0-9a-f]+, client_region=us-east-1\]/,
  );
  await expect(driver.store({ target }, [payloads[1] as never])).rejects.toThrow(`"maxPayloadSize"`);
  const missing = { bucket: "payloads", key: "v0/none", hash_algorithm: "sha256", hash_value: "00" };
  await expect(driver.retrieve({}, [{ claimData: missing }])).rejects.toThrow("retrieve failed [bucket=payloads");
  expect(() => new S3StorageDriver({ client: awsS3Client(aws), bucket: "b", maxPayloadSize: 0 })).toThrow(
    "more than 0",
  );
});
