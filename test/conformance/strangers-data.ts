import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { isDeepStrictEqual, promisify } from "node:util";
import { Client, type WorkflowFailureError } from "perdure/client";
import { createPayloadConverter, DataConverter, ExternalStorage } from "perdure/converter";
import { ClientConfigProfile } from "perdure/envconfig";
import { S3StorageDriver, type S3ObjectPlace, type S3StorageDriverClient } from "perdure/s3";
import { Worker } from "perdure/worker";
import { protobufTypeOf } from "../../src/payload/protobuf-type.ts";
import { ExternalStorageReference } from "../../src/proto/gen/sdk.ts";
import { Double } from "./strangers-data.workflows.ts";

const run = promisify(execFile);
const TIMEOUT_MS = 120_000;
const script = "test/conformance/strangers/python/data.py";

/** The values of data.py, as they are here. */
const values: Readonly<Record<string, unknown>> = {
  text: 'hé世😀\u007f\n"\\/\u2028',
  "empty text": "",
  integer: 42,
  negative: -7,
  fraction: 1.5,
  boolean: true,
  list: [1, "a", null, [], {}],
  object: { b: 1, a: { d: [true, false], c: null }, "10": 1, "9": 2, é: 0, "": "x" },
  bytes: new Uint8Array([0, 255, 16]),
  large: { text: "x".repeat(5000) },
};
const message = ExternalStorageReference.create({ driverName: "é", claimData: { b: "2", a: "1" } });

/** One thing that is tried with the official SDK. */
export interface DataTrial {
  readonly name: string;
  run(): Promise<void>;
}

/** What is tried with the official Python SDK's way with data. @param python Its interpreter. */
export function dataTrials(python: string, address: string, unique: string): DataTrial[] {
  return [
    { name: "official Python SDK: bytes of payloads", run: () => compareBytes(python) },
    { name: "official Python SDK: profiles of clients", run: () => compareProfiles(python) },
    {
      name: "official Python SDK: our worker with large payloads of its client",
      run: () => weWork(python, address, `stranger-data-${unique}-client`),
    },
    {
      name: "official Python SDK: its worker with large payloads of our client",
      run: () => strangerWorks(python, address, `stranger-data-${unique}-worker`),
    },
  ];
}

interface ProfileCase {
  readonly toml: string;
  readonly env: Readonly<Record<string, string>>;
  readonly profile?: string;
  readonly strict?: boolean;
}

/** Every text with every environment. */
function profileCases(): ProfileCase[] {
  const tls = (text: string): string => `[profile.default.tls]\n${text}`;
  const texts = [
    "",
    "no toml",
    `[profile.default]\naddress = "a"\nnamespace = "n"\napi_key = "k"\n[profile.default.grpc_meta]\nSome_Key = "v"`,
    `[profile.other]\naddress = "o"`,
    `[profile.default]\nunknown = 1`,
    `[profile.default]\naddress = 1`,
    `[profile.default.codec]\nendpoint = "e"\nauth = "a"`,
    tls(`disabled = true\nserver_name = "s"`),
    tls(`client_cert_path = "p"\nclient_key_data = "d"\nserver_ca_cert_data = ""`),
    tls(`client_cert_path = "p"\nclient_cert_data = "d"`),
    tls(`disable_host_verification = true`),
  ];
  const envs: readonly Record<string, string>[] = [
    {},
    { TEMPORAL_ADDRESS: "", TEMPORAL_NAMESPACE: "env", TEMPORAL_API_KEY: "env-key" },
    { TEMPORAL_PROFILE: "other" },
    { TEMPORAL_PROFILE: "" },
    { TEMPORAL_TLS: "TRUE" },
    { TEMPORAL_TLS: "0", TEMPORAL_TLS_SERVER_NAME: "env" },
    { TEMPORAL_TLS: "maybe" },
    { TEMPORAL_TLS_CLIENT_CERT_DATA: "env" },
    { TEMPORAL_TLS_CLIENT_CERT_PATH: "env", TEMPORAL_TLS_CLIENT_KEY_DATA: "env" },
    { TEMPORAL_TLS_SERVER_CA_CERT_PATH: "p", TEMPORAL_TLS_SERVER_CA_CERT_DATA: "d" },
    { TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: "true" },
    { TEMPORAL_GRPC_META_SOME_KEY: "", TEMPORAL_GRPC_META_Other: "x" },
    { TEMPORAL_CODEC_ENDPOINT: "http://codec" },
  ];
  const cases = texts.flatMap((toml) => envs.map((env) => ({ toml, env })));
  return cases.flatMap((one) => [one, { ...one, strict: true }, { ...one, profile: "other" }]);
}

async function compareProfiles(python: string): Promise<void> {
  const cases = profileCases();
  const child = spawn(python, [script, "profiles"], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(cases.map((one) => `${JSON.stringify(one)}\n`).join(""));
  const wrong: string[] = [];
  let index = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const one = cases[index++] as ProfileCase;
    const { toml, env, profile, strict } = one;
    const ours: unknown = await ClientConfigProfile.load({
      configSource: { data: toml },
      overrideEnvVars: env,
      profile,
      configFileStrict: strict,
    }).then(
      (loaded) => loaded.toDict(),
      () => "error",
    );
    if (!isDeepStrictEqual(ours, JSON.parse(line)))
      wrong.push(`${JSON.stringify(one)}: ${JSON.stringify(ours)}, not ${line}`);
  }
  if (wrong.length > 0 || index !== cases.length)
    throw new Error(`${wrong.length} of ${index} profiles differ, as ${wrong.slice(0, 5).join("; ")}`);
}

interface Fixture {
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly data: string;
}

async function compareBytes(python: string): Promise<void> {
  const { stdout } = await run(python, [script, "fixtures"], { timeout: TIMEOUT_MS });
  const type = { ...protobufTypeOf(ExternalStorageReference), isMessage: (value: unknown) => value === message };
  const converter = createPayloadConverter({ protobufTypes: [type] });
  const wrong: string[] = [];
  for (const line of stdout.trim().split("\n")) {
    const { name, metadata, data } = JSON.parse(line) as Fixture;
    const payload = converter.toPayload(name === "undefined" ? undefined : name === "message" ? message : values[name]);
    const ours = Object.fromEntries(
      Object.entries(payload.metadata).map(([key, text]) => [key, Buffer.from(text).toString()]),
    );
    const isSame =
      Buffer.from(payload.data).toString("hex") === data &&
      JSON.stringify(sorted(ours)) === JSON.stringify(sorted(metadata));
    if (!isSame) wrong.push(name);
  }
  if (wrong.length > 0) throw new Error(`Payloads differ for ${wrong.join(", ")}`);
}

function sorted(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function folderClient(folder: string): S3StorageDriverClient {
  const pathOf = ({ bucket, key }: S3ObjectPlace): string =>
    join(folder, createHash("sha256").update(`${bucket}/${key}`).digest("hex"));
  return {
    putObject: (object) => writeFile(pathOf(object), object.data),
    objectExists: async (object) => existsSync(pathOf(object)),
    getObject: (object) => readFile(pathOf(object)),
  };
}

async function withClient(address: string, job: (client: Client, folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "perdure-payloads-"));
  try {
    const driver = new S3StorageDriver({ client: folderClient(folder), bucket: "payloads" });
    const externalStorage = new ExternalStorage({ drivers: [driver], payloadSizeThreshold: 1000 });
    await using client = await Client.connect(address, { dataConverter: new DataConverter({ externalStorage }) });
    await job(client, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function weWork(python: string, address: string, taskQueue: string): Promise<void> {
  await withClient(address, async (client, folder) => {
    const activities = { twice: (text: string) => text + text };
    const worker = await Worker.create(client, { taskQueue, workflows: [Double], activities });
    await worker.runUntil(() =>
      run(python, [script, "client", address, taskQueue, taskQueue, folder], { timeout: TIMEOUT_MS }),
    );
    await assertReferences(client, taskQueue);
  });
}

async function strangerWorks(python: string, address: string, taskQueue: string): Promise<void> {
  await withClient(address, async (client, folder) => {
    const child = spawn(python, [script, "worker", address, taskQueue, folder], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      await untilReady(child);
      const text = "t".repeat(2000);
      const options = { id: taskQueue, taskQueue };
      const result = await client.executeWorkflow(Double, { ...options, args: [text, false] });
      if (result !== text + text) throw new Error("The result is not what its worker made");
      const error: unknown = await client
        .executeWorkflow(Double, { ...options, id: `${taskQueue}-fails`, args: [text, true] })
        .catch((thrown: unknown) => thrown);
      const { details } = (error as WorkflowFailureError).cause as unknown as { readonly details: unknown[] };
      if (details[0] !== text + text) throw new Error("The details of its failure were lost");
      await assertReferences(client, taskQueue);
    } finally {
      child.stdin.end();
      child.kill("SIGTERM");
    }
  });
}

/** The history must hold references and nothing of the texts. */
async function assertReferences(client: Client, id: string): Promise<void> {
  const json = (await client.getWorkflowHandle(id).fetchHistory()).toJson();
  if (json.length > 50_000 || !json.includes(Buffer.from(ExternalStorageReference.typeName).toString("base64")))
    throw new Error(`The history of "${id}" holds payloads in place of references`);
}

async function untilReady(child: ChildProcess): Promise<void> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const ended = once(child, "exit").then(() => Promise.reject(new Error("The program ended before it was ready")));
  await Promise.race([once(lines, "line"), ended]);
}
