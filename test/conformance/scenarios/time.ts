import assert from "node:assert/strict";
import type { Client, WorkflowHandle } from "perdure/client";
import { RPCError } from "perdure/service";
import { check, rejectionOf } from "../expectations.ts";
import type { Scenario, ScenarioWorld } from "../scenario.ts";
import { Dozing } from "./time.workflows.ts";

/** Of `temporal.api.enums.v1.FastForwardPollingResult`. */
const COMPLETED = 2;
const FAILED = 3;
/** Of `google.rpc.Code`. */
const INVALID_ARGUMENT = 3;
const HOUR_MS = 3_600_000;

interface Skipping {
  readonly enabled?: boolean;
  readonly maxSessionSkipCount?: number;
  readonly fastForwardConfig?: { readonly id: string; readonly duration: { readonly seconds: number } };
}

/** No option of a start says so, hence the raw service. */
async function startDozing(
  { client, taskQueue, newId }: ScenarioWorld,
  timeSkippingConfig: Skipping,
): Promise<WorkflowHandle<Dozing>> {
  const { namespace } = client;
  const workflowId = newId("dozing");
  await client.workflowService.startWorkflowExecution({
    namespace,
    workflowId,
    requestId: workflowId,
    workflowType: { name: Dozing.name },
    taskQueue: { name: taskQueue },
    timeSkippingConfig,
  });
  return client.getWorkflowHandleFor(Dozing, workflowId);
}

async function skippedMs({ client }: ScenarioWorld, workflowId: string): Promise<number> {
  const { namespace } = client;
  const { workflowExtendedInfo } = await client.workflowService.describeWorkflowExecution({
    namespace,
    execution: { workflowId },
  });
  const { seconds = 0 } = workflowExtendedInfo?.timeSkippingInfo?.currentTime ?? {};
  return seconds * 1_000 - Date.now();
}

function waitFor({ workflowService, namespace }: Client, workflowId: string, fastForwardId: string) {
  return workflowService.pollWorkflowExecutionTimeSkipping({
    namespace,
    workflowExecution: { workflowId },
    fastForwardId,
  });
}

/** Runs whose own time goes ahead of the clock; the service has to have `frontend.WorkflowTimeSkippingEnabled` set. */
export const ownTime: readonly Scenario[] = [
  {
    name: "a workflow told to skip time waits for no timer, retry or sleeping child, nor does its next run",
    async run(world) {
      const handle = await startDozing(world, { enabled: true });
      const tookMs = await handle.result();
      check(tookMs >= 3 * HOUR_MS && tookMs < 3.5 * HOUR_MS, `took ${tookMs} ms`);
      check((await skippedMs(world, handle.id)) > 2.5 * HOUR_MS);
      const { events } = await handle.fetchHistory();
      const [first, skipped, fired] = events.filter(({ attributes }) =>
        /^timerStarted|TimeSkipping|^timerFired/.test(attributes?.case ?? ""),
      );
      check(first?.attributes?.case === "timerStartedEventAttributes");
      check(skipped?.attributes?.case === "workflowExecutionTimeSkippingTransitionedEventAttributes");
      check(skipped.workerMayIgnore && fired?.attributes?.case === "timerFiredEventAttributes");
      const { targetTime, disabledAfterFastForward } = skipped.attributes.value;
      assert.equal((targetTime?.seconds ?? 0) - (first.eventTime?.seconds ?? 0), HOUR_MS / 1_000);
      assert.equal(disabledAfterFastForward, false);
    },
  },
  {
    name: "a workflow is fast-forwarded by as much as it is told, and whoever waits for that learns of it",
    async run(world) {
      const { client } = world;
      const forward = (id: string, seconds: number) => ({
        enabled: true,
        fastForwardConfig: { id, duration: { seconds } },
      });
      const handle = await startDozing(world, forward("half an hour", 1_800));
      const first = await waitFor(client, handle.id, "half an hour");
      assert.equal(first.fastForwardPollingResult, COMPLETED);
      check(first.fastForwardInfo?.hasCompleted);
      const ahead = await skippedMs(world, handle.id);
      check(ahead > 0.45 * HOUR_MS && ahead < 0.55 * HOUR_MS, `${ahead} ms ahead`);
      const { workflowExecutionOptions } = await client.workflowService.updateWorkflowExecutionOptions({
        namespace: client.namespace,
        workflowExecution: { workflowId: handle.id },
        workflowExecutionOptions: { timeSkippingConfig: forward("a quarter", 900) },
        updateMask: { paths: ["time_skipping_config"] },
      });
      assert.equal(workflowExecutionOptions?.timeSkippingConfig?.fastForwardConfig?.id, "a quarter");
      assert.equal((await waitFor(client, handle.id, "a quarter")).fastForwardPollingResult, COMPLETED);
      const unknown = await waitFor(client, handle.id, "half an hour");
      assert.equal(unknown.fastForwardPollingResult, FAILED);
      assert.equal(
        unknown.failedReason,
        "the requested fast_forward_id does not match the execution's current fast-forward",
      );
      assert.equal((await handle.describe()).status, "running");
      await handle.terminate();
    },
  },
  {
    name: "a workflow skips time no more often than it may",
    async run(world) {
      const handle = await startDozing(world, { enabled: true, maxSessionSkipCount: 1 });
      await world.eventually(async () => (await handle.fetchHistory()).events.some(isRetrying));
      const ahead = await skippedMs(world, handle.id);
      check(ahead > 0.95 * HOUR_MS && ahead < 1.05 * HOUR_MS, `${ahead} ms ahead`);
      await handle.terminate();
      const wrong = await rejectionOf(
        startDozing(world, { enabled: false, fastForwardConfig: { id: "f", duration: { seconds: 1 } } }),
      );
      check(wrong instanceof RPCError && wrong.status === INVALID_ARGUMENT);
    },
  },
];

function isRetrying({ attributes }: { readonly attributes: { readonly case: string } | undefined }): boolean {
  return attributes?.case === "activityTaskScheduledEventAttributes";
}
