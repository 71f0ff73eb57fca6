import { expect, test } from "vitest";
import { DataConverter } from "../payload/data-converter.ts";
import { WorkflowExecutionAlreadyStartedFailure } from "../proto/gen/errordetails.ts";
import type { CreateScheduleRequest, UpdateScheduleRequest } from "../proto/gen/workflowservice.ts";
import { RPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import { ClientUsageError, ScheduleAlreadyRunningError, ServiceAnswerError } from "./client-error.ts";
import type { ClientInterceptor } from "./interceptor.ts";
import type { Schedule } from "./schedule.ts";
import { ScheduleActionStartWorkflow } from "./schedule-action.ts";
import { scriptedClient } from "./scripted-service.test-support.ts";
import { StoredValue } from "./stored-value.ts";

const action = new ScheduleActionStartWorkflow("Order", { id: "order", taskQueue: "q", args: ["tea"] });
const daily: Schedule = { action, spec: { intervals: [{ every: "1d" }] } };

/** A codec that shows how often a payload went through it. */
const layered = new DataConverter({
  codec: {
    encode: async (payloads) => payloads.map((payload) => ({ ...payload, data: Uint8Array.of(0, ...payload.data) })),
    decode: async (payloads) => payloads.map((payload) => ({ ...payload, data: payload.data.subarray(1) })),
  },
});

test("a schedule that an update was not made for is described and updated again", async () => {
  const updates: UpdateScheduleRequest[] = [];
  let version = 0;
  const { client } = scriptedClient({
    DescribeSchedule: () => ({
      schedule: { action: { action: { case: "startWorkflow", value: { workflowId: "w" } } } },
      conflictToken: Uint8Array.of(++version),
    }),
    UpdateSchedule: (request) => {
      updates.push(request);
      return updates.length < 3 ? new RPCError(RPCStatusCode.FAILED_PRECONDITION, "mismatched conflict token") : {};
    },
  });
  await client.getScheduleHandle("s").update(({ description: { schedule } }) => ({ schedule }));
  expect(updates.map(({ conflictToken }) => [...conflictToken])).toEqual([[1], [2], [3]]);
});

test("an update that always conflicts ends, as does one that fails otherwise", async () => {
  let tries = 0;
  let message = "mismatched conflict token";
  const { client } = scriptedClient({
    DescribeSchedule: () => ({
      schedule: { action: { action: { case: "startWorkflow", value: {} } } },
    }),
    UpdateSchedule: () => {
      tries += 1;
      return new RPCError(RPCStatusCode.FAILED_PRECONDITION, message);
    },
  });
  const update = (): Promise<void> =>
    client.getScheduleHandle("s").update(async ({ description: { schedule } }) => ({ schedule }));
  await expect(update()).rejects.toThrow("mismatched conflict token");
  expect(tries).toBe(10);
  message = "no";
  await expect(update()).rejects.toThrow("no");
  expect(tries).toBe(11);
});

test("what a description holds goes back through no codec, what is new goes through it once", async () => {
  const updates: UpdateScheduleRequest[] = [];
  const created: CreateScheduleRequest[] = [];
  const { client } = scriptedClient(
    {
      CreateSchedule: (request) => {
        created.push(request);
        return {};
      },
      DescribeSchedule: () => ({ schedule: created[0]?.schedule }),
      UpdateSchedule: (request) => {
        updates.push(request);
        return {};
      },
    },
    { dataConverter: layered, headerCodecBehavior: "codec" },
  );
  const header = { metadata: {}, data: Uint8Array.of(9), externalPayloads: [] };
  const options = { memo: { a: 1 }, staticSummary: "sum", headers: { trace: header } };
  const handle = await client.createSchedule("s", { ...daily, action: action.with(options) });
  await handle.update(({ description: { schedule } }) => ({
    schedule: { ...schedule, action: schedule.action.with({ staticDetails: "new" }) },
  }));
  const before = created[0]?.schedule?.action?.action?.value;
  const after = updates[0]?.schedule?.action?.action?.value;
  expect(before?.input?.payloads[0]?.data).toEqual(Uint8Array.of(0, ...new TextEncoder().encode('"tea"')));
  expect(before?.header?.fields["trace"]?.data).toEqual(Uint8Array.of(0, 9));
  expect(after?.userMetadata?.details?.data[0]).toBe(0);
  expect({ ...after, userMetadata: undefined }).toEqual({ ...before, userMetadata: undefined });
  expect(after?.userMetadata?.summary).toEqual(before?.userMetadata?.summary);
});

test("values of a description can be read", async () => {
  const [payload] = await layered.encode(["tea"]);
  const { client } = scriptedClient(
    {
      DescribeSchedule: () => ({
        schedule: { action: { action: { case: "startWorkflow", value: { input: { payloads: [payload ?? {}] } } } } },
      }),
    },
    { dataConverter: layered },
  );
  const { schedule } = await client.getScheduleHandle("s").describe();
  const [value] = schedule.action.args;
  expect(value instanceof StoredValue && (await value.value())).toBe("tea");
});

test("a schedule with an action or a policy of a later version is not misread", async () => {
  let overlapPolicy = 0;
  const { client } = scriptedClient({
    DescribeSchedule: () => ({
      schedule: {
        policies: { overlapPolicy: overlapPolicy as 1 },
        ...(overlapPolicy === 0 ? {} : { action: { action: { case: "startWorkflow", value: {} } } }),
      },
    }),
  });
  await expect(client.getScheduleHandle("s").describe()).rejects.toThrow(ServiceAnswerError);
  overlapPolicy = 99;
  await expect(client.getScheduleHandle("s").describe()).rejects.toThrow("its overlap policy is 99");
});

test("a taken id, a limit without a number and an empty backfill are refused", async () => {
  const { client } = scriptedClient({
    CreateSchedule: () =>
      new RPCError(RPCStatusCode.ALREADY_EXISTS, "taken", {
        details: [
          {
            typeUrl: `type.googleapis.com/${WorkflowExecutionAlreadyStartedFailure.typeName}`,
            value: WorkflowExecutionAlreadyStartedFailure.encode({}),
          },
        ],
      }),
  });
  await expect(client.createSchedule("s", daily)).rejects.toThrow(ScheduleAlreadyRunningError);
  await expect(client.createSchedule("s", { ...daily, state: { limitedActions: true } })).rejects.toThrow(
    'Cannot create schedule "s": limitedActions is true and remainingActions is 0, expected both or neither',
  );
  await expect(client.getScheduleHandle("s").backfill([])).rejects.toThrow(ClientUsageError);
  const never = { startAt: new Date(NaN), endAt: new Date() };
  await expect(client.getScheduleHandle("s").backfill(never)).rejects.toThrow(
    'Cannot send "startAt" of a schedule: it is an invalid date',
  );
});

test("interceptors see what is asked of schedules", async () => {
  const seen: string[] = [];
  const interceptor: ClientInterceptor = {
    interceptClient: (next) => ({
      ...next,
      createSchedule: (input) => {
        seen.push(`create ${input.scheduleId}`);
        return next.createSchedule({ ...input, scheduleId: "other" });
      },
      pauseSchedule: (input) => {
        seen.push(`pause ${input.note}`);
        return next.pauseSchedule(input);
      },
    }),
  };
  const asked: string[] = [];
  const { client } = scriptedClient(
    {
      CreateSchedule: ({ scheduleId }) => {
        asked.push(scheduleId);
        return {};
      },
      PatchSchedule: ({ patch }) => {
        asked.push(patch?.pause ?? "");
        return {};
      },
    },
    { interceptors: [interceptor] },
  );
  const handle = await client.createSchedule("s", daily);
  await handle.pause({ note: "why" });
  expect(seen).toEqual(["create s", "pause why"]);
  expect(asked).toEqual(["other", "why"]);
});
