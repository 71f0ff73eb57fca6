import { expect, test } from "vitest";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import { startServerThread, type ServerThread } from "./server-thread.ts";

const { GetSystemInfo, StartWorkflowExecution } = WorkflowService.methods;

async function withServer(use: (server: ServerThread) => Promise<void>): Promise<void> {
  const server = await startServerThread({ store: "memory:" });
  try {
    await use(server);
  } finally {
    await server.stop();
  }
}

test("a server in its own thread answers calls and their errors", async () => {
  await withServer(async ({ transport }) => {
    const answer = await transport.call({ path: GetSystemInfo.path, body: GetSystemInfo.request.encode({}) });
    expect(GetSystemInfo.response.decode(answer).serverVersion).toMatch(/^1\./);
    const body = StartWorkflowExecution.request.encode({ namespace: "default" });
    await expect(transport.call({ path: StartWorkflowExecution.path, body })).rejects.toMatchObject({
      status: 3,
      message: "WorkflowId is not set on request.",
    });
  });
});

test("a server that cannot open its store says why", async () => {
  await expect(startServerThread({ store: "nonsense://there" })).rejects.toMatchObject({
    code: "TEMPORAL_SERVER_START",
    message: expect.stringContaining("nonsense://there") as string,
  });
});

test("after the server has stopped, calls fail", async () => {
  let transport: ServerThread["transport"] | undefined;
  await withServer((server) => {
    ({ transport } = server);
    return Promise.resolve();
  });
  const call = transport?.call({ path: GetSystemInfo.path, body: GetSystemInfo.request.encode({}) });
  await expect(call).rejects.toMatchObject({ code: "TEMPORAL_RPC" });
});
