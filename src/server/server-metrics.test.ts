import { expect, test } from "vitest";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import { ListenError } from "../rpc/grpc-server.ts";
import { DirectTransport } from "../rpc/direct-transport.ts";
import { startServer } from "./server.ts";

test("a server shows its metrics and its health where it is told to", async () => {
  const server = await startServer({ metrics: { port: 0 } });
  const page = (path: string): Promise<Response> => fetch(`http://${server.metricsAddress}${path}`);
  try {
    const transport = new DirectTransport(server.handler);
    const { GetSystemInfo, DescribeNamespace } = WorkflowService.methods;
    await transport.call({ path: GetSystemInfo.path, body: GetSystemInfo.request.encode({}) });
    const nobody = { path: DescribeNamespace.path, body: DescribeNamespace.request.encode({ namespace: "nobody" }) };
    await expect(transport.call(nobody)).rejects.toThrow("nobody");
    const text = await (await page("/metrics")).text();
    expect(text).toContain(`service_requests{operation="GetSystemInfo"} 1`);
    expect(text).toContain(`service_error_with_type{operation="DescribeNamespace",error_type="NOT_FOUND"} 1`);
    expect(text).toMatch(/^service_latency_count\{operation="GetSystemInfo"\} 1$/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect((await page("/healthz")).status).toBe(200);
    expect((await page("/readyz")).status).toBe(200);
    expect((await page("/nothing")).status).toBe(404);
    const port = Number(server.metricsAddress?.split(":")[1]);
    await expect(startServer({ metrics: { port } })).rejects.toThrow(ListenError);
  } finally {
    await server.stop();
  }
  await expect(page("/healthz")).rejects.toThrow("fetch failed");
});
