/**
 * Compares the times of random schedules as a server tells them with those that core/schedule finds.
 *
 *   node --import tsx test/conformance/schedule-times.ts --address HOST:PORT [--count 2000] [--seed 1]
 *
 * The jitter of a time follows from the ids of namespace and schedule, so that it is compared as well.
 */
import { parseArgs } from "node:util";
import { Client } from "../../src/client/index.ts";
import { compileSpec, nextTime, type CompiledSpec } from "../../src/core/schedule/spec.ts";
import { canonicalSpec } from "../../src/core/schedule/spec-canonical.ts";
import { ScheduleSpec } from "../../src/proto/gen/schedule.ts";
import { RPCError } from "../../src/rpc/rpc-error.ts";
import { RPCStatusCode } from "../../src/rpc/status.ts";
import { linearRandom } from "./linear-random.ts";
import { RandomSpecs, type RandomSpec } from "./random-spec.ts";

/** As many as the service tells at once. */
const TIMES_MAX = 1000;
/** A spec that excludes nearly all its times keeps the service busy for a minute. */
const SEARCH_MS = 3_000;

const { values: options } = parseArgs({
  options: {
    address: { type: "string", default: "localhost:7233" },
    count: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
  },
});

await using client = await Client.connect(options.address);
const { namespaceInfo } = await client.workflowService.describeNamespace({ namespace: client.namespace });
const specs = new RandomSpecs(linearRandom(Number(options.seed)));
const run = Date.now().toString(36);
const found = { same: 0, refused: 0, undecided: 0, different: 0, times: 0 };
for (let index = 0; index < Number(options.count); index++) {
  const scheduleId = `times-${run}-${index}`;
  const question = specs.next();
  const theirs = await timesOfServer(scheduleId, question);
  const ours = timesOfCore(`${namespaceInfo?.id ?? ""}-${scheduleId}`, question);
  if (typeof ours === "string") found.refused++;
  else found.times += ours.length;
  if (theirs === undefined) found.undecided++;
  else if (String(ours) === String(theirs)) found.same++;
  else {
    found.different++;
    console.log(JSON.stringify(question), "\n  server:", first(theirs, ours), "\n  core:", first(ours, theirs));
  }
}
console.log(`seed ${options.seed}:`, found);
process.exitCode = found.different === 0 ? 0 : 1;

/** The times, or the message of the refusal; `undefined` if the server searches for too long. */
async function timesOfServer(
  scheduleId: string,
  question: RandomSpec,
): Promise<readonly number[] | string | undefined> {
  const { namespace, workflowService } = client;
  const schedule = {
    spec: question.spec,
    state: { paused: true },
    action: {
      action: {
        case: "startWorkflow",
        value: { workflowId: "w", workflowType: { name: "t" }, taskQueue: { name: "q" } },
      },
    },
  } as const;
  try {
    await workflowService.createSchedule({ namespace, scheduleId, requestId: scheduleId, schedule });
    const { startTime } = await workflowService.listScheduleMatchingTimes(
      {
        namespace,
        scheduleId,
        startTime: { seconds: question.fromSeconds, nanos: 0 },
        endTime: { seconds: question.toSeconds, nanos: 0 },
      },
      { timeoutMs: SEARCH_MS, retry: true },
    );
    await workflowService.deleteSchedule({ namespace, scheduleId });
    return startTime.map(({ seconds, nanos }) => seconds * 1000 + nanos / 1e6);
  } catch (error) {
    if (!(error instanceof RPCError)) throw error;
    return error.status === RPCStatusCode.DEADLINE_EXCEEDED ? undefined : error.message;
  }
}

function timesOfCore(seed: string, { spec, fromSeconds, toSeconds }: RandomSpec): readonly number[] | string {
  try {
    const canonical = canonicalSpec(ScheduleSpec.create(spec));
    return timesBetween(compileSpec(canonical), seed, fromSeconds * 1000, toSeconds * 1000);
  } catch (error) {
    return `Invalid schedule spec: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function timesBetween(spec: CompiledSpec, seed: string, fromMs: number, toMs: number): readonly number[] | string {
  const times: number[] = [];
  let afterMs = fromMs;
  try {
    while (times.length < TIMES_MAX) {
      const next = nextTime(spec, seed, afterMs);
      if (next === undefined || next.actualMs > toMs) break;
      afterMs = next.actualMs;
      times.push(afterMs);
    }
    return times;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The first time that differs, or the refusal. */
function first(times: readonly number[] | string, others: readonly number[] | string): string {
  if (typeof times === "string") return times;
  const at = times.find((time, index) => time !== others[index]);
  return at === undefined ? `${times.length} times` : new Date(at).toISOString();
}
