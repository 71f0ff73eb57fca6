/**
 * Prints the milliseconds that a year of an hourly schedule takes on a clock that moves only when told: a server in memory
 * is started, 8,760 workflows are started by the schedule, and nobody works on them.
 */
import { VirtualClock } from "../src/core/time/virtual-clock.ts";
import { ScheduleOverlapPolicy } from "../src/proto/gen/enums.ts";
import { WorkflowService } from "../src/proto/gen/workflowservice.ts";
import type { Init, Method } from "../src/proto/message.ts";
import { startServer } from "../src/server/server.ts";

const DAY_MS = 24 * 3_600_000;
const ACTIONS = 365 * 24;
const namespace = "default";
const scheduleId = "hourly";
const { methods } = WorkflowService;
const { signal } = new AbortController();

const started = performance.now();
const cpu = process.cpuUsage();
const clock = new VirtualClock(Date.UTC(2026, 0, 1));
const server = await startServer({ clock });
const startMs = performance.now() - started;
await call(methods.CreateSchedule, {
  namespace,
  scheduleId,
  requestId: "create",
  schedule: {
    spec: { cronString: ["@hourly"] },
    policies: { overlapPolicy: ScheduleOverlapPolicy.ALLOW_ALL },
    action: {
      action: {
        case: "startWorkflow",
        value: { workflowId: "job", workflowType: { name: "Job" }, taskQueue: { name: "jobs" } },
      },
    },
  },
});
clock.advanceBy(365 * DAY_MS);
const { info } = await call(methods.DescribeSchedule, { namespace, scheduleId });
const tookMs = performance.now() - started;
const { user, system } = process.cpuUsage(cpu);
await server.stop();
if (info?.actionCount !== ACTIONS) throw new Error(`expected ${ACTIONS} actions, found ${String(info?.actionCount)}`);
console.log(`start ${startMs.toFixed(1)} ms`);
console.log(`cpu ${((user + system) / 1000).toFixed(1)} ms`);
console.log(`memory ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
console.log(tookMs);

async function call<Request extends object, Response extends object>(
  method: Method<Request, Response>,
  request: Init<Request>,
): Promise<Response> {
  const body = method.request.encode(request);
  return method.response.decode(
    await server.handler.handle({ path: method.path, body, metadata: {}, timeoutMs: undefined, signal }),
  );
}
