import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { isDeepStrictEqual, promisify } from "node:util";
import { Client } from "perdure/client";
import { createPayloadConverter } from "perdure/converter";
import { Worker } from "perdure/worker";
import type { DataTrial } from "./strangers-data.ts";
import { Echo } from "./strangers-go.workflows.ts";

const run = promisify(execFile);
const TIMEOUT_MS = 120_000;

/** The values of fixtures.go, as they are here. */
const values: Readonly<Record<string, unknown>> = {
  nothing: undefined,
  text: "plain text",
  "empty text": "",
  integer: 42,
  negative: -7,
  fraction: 1.5,
  boolean: true,
  list: [1, "a", null, [], {}],
  object: { a: { c: null, d: [true, false] }, b: 1 },
  bytes: new Uint8Array([0, 255, 16]),
};

/** What is tried with the official Go SDK's way with data. @param program Its program. */
export function echoTrials(program: string, address: string, unique: string): DataTrial[] {
  return [
    { name: "official Go SDK: bytes of payloads", run: () => compareBytes(program) },
    {
      name: "official Go SDK: values of its client through our worker",
      run: () => weWork(program, address, `stranger-echo-${unique}-client`),
    },
    {
      name: "official Go SDK: values of our client through its worker",
      run: () => strangerWorks(program, address, `stranger-echo-${unique}-worker`),
    },
  ];
}

interface Fixture {
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly data: string;
}

async function compareBytes(program: string): Promise<void> {
  const { stdout } = await run(program, ["fixtures"], { timeout: TIMEOUT_MS });
  const fixtures = stdout
    .trim()
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Fixture);
  const converter = createPayloadConverter();
  const wrong = fixtures.filter(({ name, metadata, data }) => {
    const payload = converter.toPayload(values[name]);
    const ours = Object.entries(payload.metadata).map(([key, text]) => [key, Buffer.from(text).toString()]);
    return !isDeepStrictEqual([Object.fromEntries(ours), Buffer.from(payload.data).toString("hex")], [metadata, data]);
  });
  if (fixtures.length !== Object.keys(values).length) throw new Error(`Found ${fixtures.length} payloads`);
  if (wrong.length > 0) throw new Error(`Payloads differ for ${wrong.map(({ name }) => name).join(", ")}`);
}

async function weWork(program: string, address: string, taskQueue: string): Promise<void> {
  await using client = await Client.connect(address);
  const worker = await Worker.create(client, { taskQueue, workflows: [Echo] });
  await worker.runUntil(() => run(program, [address, "echo", taskQueue, taskQueue], { timeout: TIMEOUT_MS }));
}

async function strangerWorks(program: string, address: string, taskQueue: string): Promise<void> {
  const child = spawn(program, [address, "worker", taskQueue], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    for await (const line of createInterface({ input: child.stdout })) if (line === "ready") break;
    await using client = await Client.connect(address);
    const sent = { ...values, "odd text": 'hé世😀\u007f\n"\\/\u2028<>&' };
    for (const [name, value] of Object.entries(sent)) {
      const id = `${taskQueue}-${name}`;
      const answered = await client.executeWorkflow(Echo, { args: [value], id, taskQueue });
      if (!isDeepStrictEqual(answered, value)) throw new Error(`The value "${name}" came back as another`);
    }
  } finally {
    child.stdin.end();
    child.kill("SIGTERM");
  }
}
