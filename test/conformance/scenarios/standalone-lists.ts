import assert from "node:assert/strict";
import { RPCError, RPCStatusCode } from "perdure/service";
import { check, rejectionOf } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

const minute = { startToCloseTimeout: "1m" } as const;

/** Lists of activities that no workflow starts, and starts that cannot be. */
export const standaloneLists: readonly Scenario[] = [
  {
    name: "standalone activities are listed and counted by what they are",
    async run({ client, taskQueue, newId, eventually }) {
      const type = newId("Listed");
      const queue = newId("queue");
      const handles = [];
      for (let index = 0; index < 3; index++) {
        handles.push(await client.startActivity(type, { id: newId("list"), taskQueue: queue, ...minute }));
      }
      await handles[0]?.terminate();
      const ofType = `ActivityType = '${type}'`;
      await eventually(
        async () => (await client.countActivities(`${ofType} AND ExecutionStatus = 'Terminated'`)).count === 1,
      );
      assert.equal((await client.countActivities(`${ofType} AND TaskQueue = '${queue}'`)).count, 3);
      assert.equal((await client.countActivities(`${ofType} AND TaskQueue = '${taskQueue}'`)).count, 0);
      const { groups } = await client.countActivities(`${ofType} GROUP BY ExecutionStatus`);
      const counts = new Map(groups.map(({ count, groupValues }) => [groupValues[0], count]));
      assert.deepEqual([counts.size, counts.get("Running"), counts.get("Terminated")], [2, 2, 1]);
      const listed = [];
      for await (const entry of client.listActivities(ofType, { pageSize: 2 })) listed.push(entry);
      assert.deepEqual(listed.map(({ activityId }) => activityId).toSorted(), handles.map(({ id }) => id).toSorted());
      const byId = client.listActivities(`ActivityId = '${handles[0]?.id ?? ""}'`);
      await byId.fetchNextPage();
      const [one] = byId.currentPage ?? [];
      assert.deepEqual([one?.status, one?.activityType, one?.taskQueue], ["terminated", type, queue]);
      check(one?.closeTime !== undefined && (one.stateTransitionCount ?? 0) > 0);
      const workflows = await client.countWorkflows(`WorkflowId = '${handles[1]?.id ?? ""}'`);
      assert.equal(workflows.count, 0);
    },
  },
  {
    name: "a start of a standalone activity that cannot be is refused in the same words",
    async run({ client, newId }) {
      const { workflowService, namespace } = client;
      const good = {
        namespace,
        activityId: newId("bad"),
        activityType: { name: "nobody" },
        taskQueue: { name: newId("queue") },
        startToCloseTimeout: { seconds: 60, nanos: 0 },
      };
      const refusals: unknown[] = [];
      for (const bad of [
        { activityId: "" },
        { activityType: { name: "" } },
        { taskQueue: { name: "" } },
        { startToCloseTimeout: { seconds: 0, nanos: 0 } },
        { startToCloseTimeout: { seconds: -1, nanos: 0 } },
        { startDelay: { seconds: -1, nanos: 0 } },
        { retryPolicy: { maximumAttempts: -1 } },
        { retryPolicy: { backoffCoefficient: 0.5 } },
        { priority: { priorityKey: -1 } },
        { activityId: "x".repeat(1001) },
        { activityType: { name: "x".repeat(1001) } },
        { requestId: "x".repeat(1001) },
        { identity: "x".repeat(1001) },
        { onConflictOptions: { attachCompletionCallbacks: true } },
        { onConflictOptions: { attachRequestId: true } },
        { links: [{ variant: { case: "activity" as const, value: { namespace: "" } } }] },
        { completionCallbacks: [{ variant: { case: "nexus" as const, value: { url: "http://x" } } }] },
        { userMetadata: { summary: { data: new Uint8Array(500) } } },
        { namespace: newId("no-namespace") },
      ]) {
        const error = await rejectionOf(workflowService.startActivityExecution({ ...good, ...bad }));
        check(error instanceof RPCError, `wanted an RPCError, found ${String(error)}`);
        refusals.push([
          error.status,
          error.message
            .replaceAll(good.activityId, "ID")
            .replace(/no-namespace-\S+/, "NS")
            // A service that is set to call back refuses the address instead.
            .replace(
              "invalid url: url does not match any configured callback address: http://x",
              "completion callbacks are not enabled for this namespace",
            ),
        ]);
      }
      const invalid = RPCStatusCode.INVALID_ARGUMENT;
      assert.deepEqual(refusals, [
        [invalid, "activityId is not set"],
        [invalid, "activityType is not set"],
        [invalid, "missing task queue name"],
        [
          invalid,
          "a valid StartToCloseTimeout or ScheduleToCloseTimeout must be set on the activity. ActivityId=ID ActivityType=nobody",
        ],
        [invalid, "invalid StartToCloseTimeout: negative duration"],
        [invalid, "invalid StartDelay: negative duration"],
        [invalid, "MaximumAttempts cannot be negative on retry policy."],
        [invalid, "BackoffCoefficient cannot be less than 1 on retry policy."],
        [invalid, "invalid priorities: priority key can't be negative"],
        [invalid, "activityId exceeds length limit. Length=1001 Limit=1000"],
        [invalid, "activityType exceeds length limit. Length=1001 Limit=1000"],
        [invalid, "request ID exceeds length limit. Length=1001 Limit=1000"],
        [invalid, "identity exceeds length limit. Length=1001 Limit=1000"],
        [invalid, "on_conflict_options: attach_completion_callbacks requires attach_request_id to be set"],
        [invalid, "on_conflict_options: attach_request_id requires at least one completion callback or link"],
        [invalid, "activity link must not have an empty namespace field"],
        [invalid, "completion callbacks are not enabled for this namespace"],
        [invalid, "user_metadata.summary exceeds size limit. Length=503 Limit=400"],
        [RPCStatusCode.NOT_FOUND, "Namespace NS is not found."],
      ]);
    },
  },
];
