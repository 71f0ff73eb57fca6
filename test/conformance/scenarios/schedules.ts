import assert from "node:assert/strict";
import {
  type Client,
  type Schedule,
  ScheduleActionStartWorkflow,
  ScheduleAlreadyRunningError,
  type ScheduleHandle,
  type ScheduleOverlapPolicy,
  StoredValue,
} from "perdure/client";
import { SearchAttributeKey } from "perdure/common";
import { RPCError } from "perdure/service";
import { check, rejectionOf } from "../expectations.ts";
import type { Scenario, ScenarioWorld } from "../scenario.ts";
import { KEYWORD } from "../search-attribute.ts";
import { Scheduled, ScheduledToWait } from "./schedules.workflows.ts";

const keyword = SearchAttributeKey.forKeyword(KEYWORD);
const NOON_NEVER = { calendars: [{ hour: [{ start: 12 }], year: [{ start: 2095 }] }] } as const;
/** Of `google.rpc.Code`. */
const NOT_FOUND = 5;

/** Starts that come by a schedule. */
export const schedules: readonly Scenario[] = [
  {
    name: "a schedule is described with all that it was made with",
    async run({ client, taskQueue, newId }) {
      const id = newId("full");
      const city = newId("city");
      const handle = await client.createSchedule(id, fullSchedule(`${id}-run`, taskQueue), {
        memo: { owner: "Ada" },
        searchAttributes: [keyword.withValue(city)],
      });
      const description = await handle.describe();
      const { action, spec, policy, state } = description.schedule;
      assert.equal(description.id, id);
      assert.equal(action.workflow, "Scheduled");
      assert.deepEqual(await Promise.all(action.args.map(read)), ["tick", 7]);
      const { options } = action;
      assert.deepEqual(
        [options.id, options.taskQueue, options.executionTimeout, options.runTimeout, options.taskTimeout],
        [`${id}-run`, taskQueue, 3_600_000, 1_800_000, 8000],
      );
      assert.equal(options.retryPolicy?.maximumAttempts, 3);
      assert.equal(await read(options.memo?.["of"]), "the run");
      assert.equal(await read(options.staticSummary), "a summary");
      assert.deepEqual(
        [...(options.searchAttributes ?? [])].map(({ value }) => value),
        ["run"],
      );
      assert.deepEqual(spec.intervals, [{ every: 86_400_000, offset: 3_600_000 }]);
      assert.equal(spec.timeZoneName, "Europe/Berlin");
      assert.equal(spec.jitter, 1000);
      assert.equal(spec.startAt?.toISOString(), "2090-01-01T00:00:00.000Z");
      // What was written as cron is a calendar now.
      assert.deepEqual(spec.cronExpressions, []);
      assert.deepEqual(
        spec.calendars.map(({ hour, minute, comment }) => ({ hour, minute, comment })),
        [
          { hour: [{ start: 9, end: 17, step: 2 }], minute: [{ start: 0, end: 0, step: 1 }], comment: "office" },
          { hour: [{ start: 4, end: 4, step: 1 }], minute: [{ start: 30, end: 30, step: 1 }], comment: undefined },
        ],
      );
      assert.deepEqual(
        spec.skip.map(({ month }) => month),
        [[{ start: 12, end: 12, step: 1 }]],
      );
      assert.deepEqual(policy, {
        overlap: "bufferOne",
        catchupWindow: 60_000,
        pauseOnFailure: true,
        keepOriginalWorkflowId: false,
      });
      assert.deepEqual(state, { note: "made", paused: true, limitedActions: true, remainingActions: 5 });
      assert.deepEqual(await description.memo(), { owner: "Ada" });
      assert.equal(description.searchAttributes.get(keyword), city);
      assert.equal(description.info.numActions, 0);
      // No more than may still happen.
      assert.equal(description.info.nextActionTimes.length, 5);
      await handle.delete();
    },
  },
  {
    name: "a schedule that exists is not made again",
    async run({ client, taskQueue, newId }) {
      const id = newId("twice");
      const handle = await client.createSchedule(id, neverDue(id, taskQueue));
      const error = await rejectionOf(client.createSchedule(id, neverDue(id, taskQueue)));
      check(error instanceof ScheduleAlreadyRunningError);
      assert.equal(error.scheduleId, id);
      await handle.delete();
      await assertGone(handle);
    },
  },
  {
    name: "a schedule starts its workflow when it is triggered, and tells of it",
    async run({ client, taskQueue, newId, eventually }) {
      const id = newId("trigger");
      const handle = await client.createSchedule(id, neverDue(id, taskQueue), { triggerImmediately: true });
      await eventually(async () => (await handle.describe()).info.numActions === 1);
      await triggerLater(handle, "allowAll", eventually);
      await eventually(async () => (await handle.describe()).info.recentActions.length === 2);
      for (const { action, startedAt } of (await handle.describe()).info.recentActions) {
        check(action.workflowId.startsWith(`${id}-run-`), action.workflowId);
        check(startedAt.getTime() > 0);
        const started = client.getWorkflowHandle(action.workflowId, { runId: action.firstExecutionRunId });
        assert.equal(await started.result(), "tick 1");
      }
      await handle.delete();
    },
  },
  {
    name: "a paused schedule says why, and goes on when it is told to",
    async run({ client, taskQueue, newId }) {
      const id = newId("pause");
      const handle = await client.createSchedule(id, neverDue(id, taskQueue));
      await handle.pause({ note: "for a while" });
      assert.deepEqual(await pauseOf(handle), [true, "for a while"]);
      await handle.unpause({ note: "again" });
      assert.deepEqual(await pauseOf(handle), [false, "again"]);
      await handle.pause();
      assert.deepEqual((await pauseOf(handle))[0], true);
      await handle.delete();
    },
  },
  {
    name: "an update keeps what it does not change, payloads as they are",
    async run({ client, taskQueue, newId, eventually }) {
      const id = newId("update");
      const handle = await client.createSchedule(id, fullSchedule(`${id}-run`, taskQueue), {
        memo: { owner: "Ada" },
        searchAttributes: [keyword.withValue("before")],
      });
      const before = await handle.describe();
      await handle.update(({ description: { schedule } }) => ({
        schedule: {
          ...schedule,
          action: schedule.action.with({ runTimeout: "7m" }),
          spec: { intervals: [{ every: "1h" }] },
          state: { ...schedule.state, note: "changed" },
        },
        searchAttributes: [],
      }));
      const after = await handle.describe();
      assert.deepEqual(after.schedule.spec.intervals, [{ every: 3_600_000, offset: 0 }]);
      assert.deepEqual(after.schedule.spec.calendars, []);
      assert.equal(after.schedule.action.options.runTimeout, 420_000);
      assert.equal(after.schedule.state.note, "changed");
      assert.deepEqual(payloadsOf(after.schedule), payloadsOf(before.schedule));
      assert.deepEqual(after.schedule.policy, before.schedule.policy);
      await eventually(async () => (await handle.describe()).searchAttributes.size === 0);
      assert.deepEqual(await after.memo(), { owner: "Ada" });
      check(after.info.lastUpdatedAt !== undefined);
      await handle.update(() => undefined);
      assert.deepEqual((await handle.describe()).schedule.spec, after.schedule.spec);
      await handle.delete();
    },
  },
  {
    name: "a backfill starts what was due in a span of time",
    async run({ client, taskQueue, newId, eventually }) {
      const id = newId("backfill");
      const schedule: Schedule = {
        ...neverDue(id, taskQueue),
        spec: { intervals: [{ every: "1m" }] },
        state: { paused: true },
      };
      const backfill = [
        { startAt: new Date("2020-01-20T00:00:00Z"), endAt: new Date("2020-01-20T00:02:00Z"), overlap: "allowAll" },
      ] as const;
      const handle = await client.createSchedule(id, schedule, { backfill });
      await eventually(async () => (await handle.describe()).info.numActions === 3);
      await handle.backfill({
        startAt: new Date("2020-01-20T00:10:00Z"),
        endAt: new Date("2020-01-20T00:13:00Z"),
        overlap: "bufferAll",
      });
      await eventually(async () => (await handle.describe()).info.numActions === 7);
      const { recentActions } = (await handle.describe()).info;
      assert.deepEqual(
        recentActions.map(({ action }) => action.workflowId.slice(`${id}-run-`.length)).toSorted(),
        ["00", "01", "02", "10", "11", "12", "13"].map((minute) => `2020-01-20T00:${minute}:00Z`),
      );
      await handle.delete();
    },
  },
  {
    name: "schedules are listed, all of them or by what a query says",
    async run({ client, taskQueue, newId, eventually }) {
      const place = newId("place");
      const ids = [newId("list"), newId("list")];
      for (const id of ids) {
        const schedule = { ...neverDue(id, taskQueue), state: { paused: true, note: "listed" } };
        await client.createSchedule(id, schedule, {
          memo: { owner: id },
          searchAttributes: [keyword.withValue(place)],
        });
      }
      const query = `${KEYWORD} = '${place}'`;
      await eventually(async () => (await listed(client, query)).length === 2);
      const found = await listed(client, query, 1);
      assert.deepEqual(found.map(({ id }) => id).toSorted(), ids.toSorted());
      for (const { id, schedule, info, searchAttributes, memo } of found) {
        assert.equal(memo, id);
        assert.deepEqual(schedule?.action, { workflow: "Scheduled" });
        assert.deepEqual(schedule?.state, { note: "listed", paused: true });
        assert.equal(schedule?.spec.calendars.length, 1);
        assert.deepEqual(info?.recentActions, []);
        assert.equal(searchAttributes.get(keyword), place);
        await client.getScheduleHandle(id).delete();
      }
    },
  },
  {
    name: "what runs when the next start is due is buffered or ended as the policy says",
    async run({ client, taskQueue, newId, eventually }) {
      const id = newId("overlap");
      const action = new ScheduleActionStartWorkflow(ScheduledToWait, { id: `${id}-run`, taskQueue });
      const handle = await client.createSchedule(id, { action, spec: NOON_NEVER }, { triggerImmediately: true });
      await eventually(async () => (await handle.describe()).info.runningActions.length === 1);
      const [first] = (await handle.describe()).info.runningActions;
      check(first !== undefined);
      await handle.trigger();
      await eventually(async () => (await handle.describe()).info.numActionsSkippedOverlap === 1);
      await triggerLater(handle, "terminateOther", eventually);
      await eventually(async () => (await handle.describe()).info.numActions === 2);
      const [second] = (await handle.describe()).info.runningActions;
      check(second !== undefined && second.workflowId !== first.workflowId);
      assert.equal((await client.getWorkflowHandle(first.workflowId).describe()).status, "terminated");
      await triggerLater(handle, "bufferOne", eventually);
      await client.getWorkflowHandleFor(ScheduledToWait, second.workflowId).signal("release");
      await eventually(async () => (await handle.describe()).info.numActions === 3);
      await triggerLater(handle, "cancelOther", eventually);
      await eventually(async () => (await handle.describe()).info.numActions === 4);
      const [last] = (await handle.describe()).info.runningActions;
      check(last !== undefined);
      await client.getWorkflowHandle(last.workflowId).terminate();
      await handle.delete();
    },
  },
  {
    name: "a schedule of seconds starts by itself, as often as it may",
    async run({ client, taskQueue, newId, eventually }) {
      const id = newId("seconds");
      const schedule: Schedule = {
        ...neverDue(id, taskQueue),
        spec: { intervals: [{ every: "1s" }] },
        state: { limitedActions: true, remainingActions: 2 },
      };
      const handle = await client.createSchedule(id, schedule);
      await eventually(async () => (await handle.describe()).schedule.state.remainingActions === 0);
      const description = await handle.describe();
      assert.equal(description.info.numActions, 2);
      assert.deepEqual(description.info.nextActionTimes, []);
      await handle.delete();
    },
  },
  {
    name: "what cannot be a schedule is refused",
    async run({ client, taskQueue, newId }) {
      const id = newId("bad");
      const bad = { ...neverDue(id, taskQueue), spec: { cronExpressions: ["not cron"] } };
      const error = await rejectionOf(client.createSchedule(id, bad));
      check(error instanceof RPCError);
      assert.match(error.message, /Invalid schedule spec/);
      await assertGone(client.getScheduleHandle(id));
    },
  },
];

/** Workflows are called by the second that they start in, so that a second start waits for the next one. */
async function triggerLater(
  handle: ScheduleHandle,
  overlap: ScheduleOverlapPolicy,
  eventually: ScenarioWorld["eventually"],
): Promise<void> {
  const { recentActions } = (await handle.describe()).info;
  const last = recentActions.at(-1)?.startedAt.getTime() ?? 0;
  await eventually(async () => Date.now() >= last + 1000);
  await handle.trigger({ overlap });
}

function neverDue(id: string, taskQueue: string): Schedule {
  const action = new ScheduleActionStartWorkflow(Scheduled, { args: ["tick", 1], id: `${id}-run`, taskQueue });
  return { action, spec: NOON_NEVER };
}

function fullSchedule(workflowId: string, taskQueue: string): Schedule {
  return {
    action: new ScheduleActionStartWorkflow(Scheduled, {
      args: ["tick", 7],
      id: workflowId,
      taskQueue,
      executionTimeout: "1h",
      runTimeout: "30m",
      taskTimeout: "8s",
      retryPolicy: { maximumAttempts: 3 },
      memo: { of: "the run" },
      searchAttributes: [keyword.withValue("run")],
      staticSummary: "a summary",
      staticDetails: "details",
      priority: { priorityKey: 4 },
    }),
    spec: {
      calendars: [{ hour: [{ start: 9, end: 17, step: 2 }], comment: "office" }],
      cronExpressions: ["30 4 * * *"],
      intervals: [{ every: "1d", offset: "1h" }],
      skip: [{ month: [{ start: 12 }] }],
      startAt: new Date("2090-01-01T00:00:00Z"),
      endAt: new Date("2095-01-01T00:00:00Z"),
      jitter: "1s",
      timeZoneName: "Europe/Berlin",
    },
    policy: { overlap: "bufferOne", catchupWindow: "1m", pauseOnFailure: true },
    state: { note: "made", paused: true, limitedActions: true, remainingActions: 5 },
  };
}

function payloadsOf({ action }: Schedule): readonly unknown[] {
  const { args, options } = action;
  return [...args, options.memo?.["of"], options.staticSummary, options.staticDetails].map((value) => {
    check(value instanceof StoredValue);
    return value.payload;
  });
}

async function read(value: unknown): Promise<unknown> {
  check(value instanceof StoredValue);
  return value.value();
}

async function pauseOf(handle: ScheduleHandle): Promise<[boolean, string | undefined]> {
  const { state } = (await handle.describe()).schedule;
  return [state.paused, state.note];
}

async function listed(
  client: Client,
  query: string,
  pageSize?: number,
): Promise<readonly (Pick<Listed, "id" | "schedule" | "info" | "searchAttributes"> & { readonly memo: unknown })[]> {
  const found = [];
  for await (const entry of client.listSchedules(query, { pageSize })) {
    const { id, schedule, info, searchAttributes } = entry;
    found.push({ id, schedule, info, searchAttributes, memo: await entry.memoValue("owner") });
  }
  return found;
}

type Listed = NonNullable<Awaited<ReturnType<Client["listSchedules"]>>["currentPage"]>[number];

async function assertGone(handle: ScheduleHandle): Promise<void> {
  const error = await rejectionOf(handle.describe());
  check(error instanceof RPCError);
  assert.equal(error.status, NOT_FOUND);
}
