import { Worker as Thread } from "node:worker_threads";
import { build } from "esbuild";
import { Client } from "perdure/client";
import { startServer } from "perdure/server";
import { Worker } from "perdure/worker";
import { describe, expect, onTestFinished, test } from "vitest";
import { Conversation } from "./support/conversation.workflows.ts";

/** Entries that browsers and edge runtimes can use. */
const entries = ["client-web", "common", "converter", "exceptions"];

/** Bundles code as an app for the web does, which fails on anything of Node. */
async function bundle(contents: string, minify = false): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: "src", loader: "ts" },
    bundle: true,
    minify,
    write: false,
    platform: "browser",
    format: "iife",
    globalName: "app",
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

/** What Node has besides the globals of the web. */
const HIDDEN = ["process", "Buffer", "global", "require", "module", "exports", "setImmediate", "clearImmediate"];

/** Runs a bundled app that sees the globals of the web only, and gives what its `main` gives. Node's own `fetch` sees the others. */
function runOnWeb(code: string, ...args: readonly unknown[]): Promise<unknown> {
  const shell = `
    const { parentPort, workerData } = require("node:worker_threads");
    const hidden = ${JSON.stringify(HIDDEN)};
    const names = Object.getOwnPropertyNames(globalThis).filter((name) => !hidden.includes(name));
    const web = Object.fromEntries(names.map((name) => [name, globalThis[name]]));
    const app = new Function("globalThis", ...hidden, workerData.code + "; return app;")(web);
    const tell = (result) => parentPort.postMessage({ result });
    app.main(...workerData.args).then(tell, (error) => parentPort.postMessage({ error: String(error?.stack ?? error) }));
  `;
  const thread = new Thread(shell, { eval: true, workerData: { code, args } });
  return new Promise((resolve, reject) => {
    thread.once("error", reject);
    thread.once("message", ({ result, error }: { readonly result: unknown; readonly error?: string }) => {
      void thread.terminate();
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    });
  });
}

/** A server with its HTTP API, and a worker beside it. */
async function startWorld(): Promise<string> {
  const server = await startServer({ listen: {}, listenHttp: {} });
  const client = await Client.connect(`127.0.0.1:${server.address?.port}`);
  const worker = await Worker.create(client, { taskQueue: "q", workflows: [Conversation] });
  const stop = new AbortController();
  const running = worker.runUntil(
    () => new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve())),
  );
  onTestFinished(async () => {
    stop.abort();
    await running;
    await client.close();
    await server.stop();
  });
  return `http://127.0.0.1:${server.httpAddress?.port}`;
}

describe("the client for the web", () => {
  test.each(entries)("%s needs nothing of Node", async (entry) => {
    const code = await bundle(`export * from "./${entry}.ts"; export const main = async () => "loaded";`);
    expect(await runOnWeb(code)).toBe("loaded");
  });

  test("talks with a workflow where there is nothing of Node", async () => {
    const url = await startWorld();
    const code = await bundle(`
      import { Client, RPCError } from "./client-web.ts";
      export async function main(url: string) {
        const client = await Client.connect(url);
        const handle = await client.startWorkflow("Conversation", { args: ["hello"], id: "w", taskQueue: "q" });
        await handle.signal("say", "signal");
        const update = await handle.executeUpdate("ask", { args: ["update"] });
        const query = await handle.query("said");
        const accepted = await handle.startUpdate("askAtTheEnd", { args: ["late"], waitForStage: "accepted" });
        const late = accepted.result();
        await handle.signal("say", "late");
        const unknown = await handle.getUpdateHandle("none").result().catch((error) => error.code);
        const updates = { late: await late, again: await handle.getUpdateHandle(accepted.id).result(), unknown };
        await handle.signal("end");
        const result = await handle.result();
        const again = await client.startWorkflow("Conversation", { args: ["x"], id: "w", taskQueue: "q", idReusePolicy: "rejectDuplicate" }).then(() => "started", (error) => error.name);
        const { status } = await handle.describe();
        const missing = await client.getWorkflowHandle("none").describe().catch((error) => [error instanceof RPCError, error.status, error.message]);
        const noBinding = await client.workflowService.deleteWorkflowExecution({ namespace: "default" }).catch((error) => [error.code, error.message]);
        await client.close();
        return { update, updates, query, result, again, status, missing, noBinding, identity: client.identity };
      }
    `);
    expect(await runOnWeb(code, url)).toEqual({
      update: "update: 3",
      updates: { late: "late!", again: "late!", unknown: "TEMPORAL_RPC_HTTP_BINDING" },
      query: ["hello", "signal", "update"],
      result: ["hello", "signal", "update", "late"],
      again: "WorkflowAlreadyStartedError",
      status: "completed",
      missing: [true, 5, "workflow not found for ID: none"],
      noBinding: [
        "TEMPORAL_RPC_HTTP_BINDING",
        expect.stringContaining('Cannot call "DeleteWorkflowExecution" over HTTP'),
      ],
      identity: "web",
    });
  });

  test("encrypts with what the web has, lists, counts and keeps schedules", async () => {
    const url = await startWorld();
    const code = await bundle(`
      import { Client, ScheduleActionStartWorkflow } from "./client-web.ts";
      import { DataConverter } from "./converter.ts";
      export async function main(url: string) {
        const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
        const iv = new Uint8Array(12);
        const text = new TextEncoder();
        const codec = {
          encode: (payloads) => Promise.all(payloads.map(async ({ data }) => ({
            metadata: { encoding: text.encode("binary/encrypted") },
            data: new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, data)),
          }))),
          decode: (payloads) => Promise.all(payloads.map(async ({ data }) => ({
            metadata: { encoding: text.encode("json/plain") },
            data: new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, data)),
          }))),
        };
        const dataConverter = new DataConverter({ payloadCodec: codec });
        const client = await Client.connect(url, { dataConverter });
        const start = { id: "secret", taskQueue: "nobody", memo: { note: "hidden" } };
        const handle = await client.startWorkflow("Conversation", { ...start, args: ["hello"] });
        const memo = await (await handle.describe()).memo();
        const ids = [];
        for await (const { id } of client.listWorkflows("WorkflowId = 'secret'")) ids.push(id);
        const { count } = await client.countWorkflows("WorkflowId = 'secret'");
        const action = new ScheduleActionStartWorkflow("Conversation", { args: ["x"], id: "sw", taskQueue: "nobody" });
        const schedule = await client.createSchedule("s", { action, spec: { intervals: [{ every: "1h" }] } });
        const described = (await schedule.describe()).id;
        await handle.terminate("enough");
        const failed = await handle.result().catch((error) => error.cause.message);
        await client.close();
        return { memo, ids, count, described, failed };
      }
    `);
    expect(await runOnWeb(code, url)).toEqual({
      memo: { note: "hidden" },
      ids: ["secret"],
      count: 1,
      described: "s",
      failed: "enough",
    });
  });
});
