import assert from "node:assert/strict";
import { Client, type ClientInterceptor, type HeaderCodecBehavior, ScheduleActionStartWorkflow } from "perdure/client";
import { DataConverter, type Payload, type PayloadCodec } from "perdure/converter";
import type { Interceptor } from "perdure/worker";
import { check } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { CarriesHeaders } from "./headers.workflows.ts";

type Headers = Readonly<Record<string, Payload>>;

const textOf = (payload: Payload | undefined): string => new TextDecoder().decode(payload?.data);
const seal = ({ metadata, data, ...others }: Payload): Payload => ({
  ...others,
  metadata: { ...metadata, sealed: new Uint8Array(1) },
  data: data.map((byte) => byte ^ 255),
});
const unseal = (payload: Payload): Payload => {
  if (payload.metadata["sealed"] === undefined) return payload;
  const { sealed: _sealed, ...metadata } = payload.metadata;
  return { ...payload, metadata, data: payload.data.map((byte) => byte ^ 255) };
};
const codec: PayloadCodec = {
  encode: async (payloads) => payloads.map(seal),
  decode: async (payloads) => payloads.map(unseal),
};

/** Sends the header with starts, signals and schedules. */
function sending(headers: Headers): ClientInterceptor {
  return {
    interceptClient: (next) => ({
      ...next,
      startWorkflow: (input) => next.startWorkflow({ ...input, headers }),
      signalWorkflow: (input) => next.signalWorkflow({ ...input, headers }),
      createSchedule(input) {
        const { schedule } = input;
        const action = schedule.action.with({ headers });
        return next.createSchedule({ ...input, schedule: { ...schedule, action } });
      },
    }),
  };
}

function throughCodec(behavior: HeaderCodecBehavior): Scenario {
  return {
    name: `headers reach signals, workflows, activities and schedules with ${behavior}`,
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("headers");
      const bar: Payload = { metadata: {}, data: new TextEncoder().encode("bar"), externalPayloads: [] };
      const header = behavior === "workflowOnlyCodec" ? seal(bar) : bar;
      const own = new Client(client.connection, {
        ...client.options,
        dataConverter: new DataConverter({ codec }),
        headerCodecBehavior: behavior,
        interceptors: [sending({ foo: header })],
      });
      const seen: string[] = [];
      const interceptor: Interceptor = {
        workflowInterceptorModule: new URL("./headers.workflows.ts", import.meta.url).href,
        sinks: { headers: (what: unknown) => seen.push(String(what)) },
        interceptActivity: (next) => ({
          init: (outbound) => next.init(outbound),
          execute(input) {
            const { foo } = input.headers;
            seen.push(`activity: ${foo?.metadata["sealed"] === undefined ? textOf(foo) : "sealed"}`);
            return next.execute(input);
          },
        }),
      };
      const activities = { hello: (name: string) => `Hello, ${name}!` };
      const handle = await withWorker(
        { taskQueue, workflows: [CarriesHeaders], activities, interceptors: [interceptor] },
        async () => {
          const started = await own.startWorkflow(CarriesHeaders, { id: newId("headers"), taskQueue });
          await started.signal("tell");
          assert.equal(await started.result(), "Hello, you!");
          return started;
        },
        own,
      );
      const inActivity = behavior === "workflowOnlyCodec" ? "sealed" : "bar";
      assert.deepEqual(seen.toSorted(), [`activity: ${inActivity}`, "signal: bar", "workflow: bar"]);
      const sent = (await handle.fetchHistory()).events.flatMap(({ attributes }) => {
        const isScheduled = attributes?.case === "activityTaskScheduledEventAttributes";
        const isSignaled = attributes?.case === "workflowExecutionSignaledEventAttributes";
        return isScheduled || isSignaled ? [attributes.value.header?.fields["foo"]] : [];
      });
      assert.equal(sent.length, 2);
      for (const payload of sent) assert.equal(textOf(payload) === "bar", behavior === "noCodec");
      const scheduleId = newId("headers");
      const schedule = await own.createSchedule(scheduleId, {
        action: new ScheduleActionStartWorkflow(CarriesHeaders.name, { id: scheduleId, taskQueue }),
        spec: { calendars: [{}] },
        state: { paused: true },
      });
      const { schedule: kept } = await client.workflowService.describeSchedule({
        namespace: client.namespace,
        scheduleId,
      });
      const action = kept?.action?.action;
      check(action?.case === "startWorkflow");
      assert.equal(textOf(action.value.header?.fields["foo"]) === "bar", behavior === "noCodec");
      await schedule.delete();
    },
  };
}

/** Headers of interceptors on their ways. */
export const headersOfCalls: readonly Scenario[] = [
  throughCodec("noCodec"),
  throughCodec("codec"),
  throughCodec("workflowOnlyCodec"),
  {
    name: "an interceptor sets a signal handler before the workflow begins",
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("headers");
      const interceptor: Interceptor = {
        workflowInterceptorModule: new URL("./headers.workflows.ts", import.meta.url).href,
        sinks: { headers: () => {} },
      };
      const activities = { hello: (name: string) => `Hello, ${name}!` };
      const options = { taskQueue, workflows: [CarriesHeaders], activities, interceptors: [interceptor] };
      await withWorker(options, async () => {
        const { id } = await client.startWorkflow(CarriesHeaders, { id: newId("headers"), taskQueue });
        const handle = client.getWorkflowHandle(id);
        const { definition } = (await handle.query("__temporal_workflow_metadata")) as {
          definition: { signalDefinitions: { name?: string }[] };
        };
        check(definition.signalDefinitions.some(({ name }) => name === "set by an interceptor"));
        await handle.signal("set by an interceptor");
        await handle.signal("tell");
        assert.equal(await handle.result(), "Hello, you!");
      });
    },
  },
];
