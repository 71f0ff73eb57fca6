import assert from "node:assert/strict";
import * as activity from "perdure/activity";
import { Client } from "perdure/client";
import { DataConverter, type DataConverterOptions, type SerializationContext } from "perdure/converter";
import { ApplicationError } from "perdure/exceptions";
import type { WorkerOptions } from "perdure/worker";
import { check, failureOf, updateFailureOf } from "../expectations.ts";
import type { Scenario, ScenarioWorld } from "../scenario.ts";
import { CallsOne, FailsAsTraced, GivesTextBack, TradesText } from "./contexts.workflows.ts";
import { GivesTraceBack, HandlesTraces, PassesTraceOn, SignalsTrace } from "./contexts.workflows.ts";
import { contextCodec, renamingConverter, tracingCodec, tracingFailureConverter } from "./tracing-codecs.ts";
import { nameOf, payloadConverter, Traced } from "./tracing-converter.ts";

const converterModule = new URL("./tracing-converter.ts", import.meta.url).href;
const workflows = [
  CallsOne,
  FailsAsTraced,
  GivesTextBack,
  GivesTraceBack,
  HandlesTraces,
  PassesTraceOn,
  SignalsTrace,
  TradesText,
];

interface Own extends ScenarioWorld {
  /** Whom values of a workflow are for. */
  ofWorkflow(workflowId: string): SerializationContext;
  ofActivity(workflow: { name: string; id: string }, activityType: string, isLocal?: boolean): ActivityContext;
}
type ActivityContext = Extract<SerializationContext, { readonly kind: "activity" }>;

/** Runs a worker and a client with a data converter of their own. */
async function withConverter(
  world: ScenarioWorld,
  converter: DataConverterOptions,
  activities: NonNullable<WorkerOptions["activities"]>,
  use: (own: Own) => Promise<void>,
): Promise<void> {
  const taskQueue = world.newId("contexts");
  const client = new Client(world.client.connection, {
    ...world.client.options,
    dataConverter: new DataConverter(converter),
  });
  const { namespace } = client;
  const own: Own = {
    ...world,
    client,
    taskQueue,
    ofWorkflow: (workflowId) => ({ kind: "workflow", namespace, workflowId }),
    ofActivity: ({ name: workflowType, id: workflowId }, activityType, isLocal = false) => ({
      kind: "activity",
      namespace,
      activityId: "activity-id",
      activityType,
      taskQueue,
      isLocal,
      workflowId,
      workflowType,
    }),
  };
  const workflowRunner = {
    kind: "sandboxed",
    ...(converter.payloadConverter === undefined ? {} : { converterModule }),
  } as const;
  await world.withWorker({ taskQueue, workflows, activities, workflowRunner }, () => use(own), client);
}

const to = (context: SerializationContext): string => `to payload for ${nameOf(context)}`;
const from = (context: SerializationContext): string => `from payload for ${nameOf(context)}`;

function traced(
  name: string,
  use: (own: Own) => Promise<void>,
  activities: Record<string, () => unknown> = {},
): Scenario {
  const all = {
    ...activities,
    async passOn(given: Traced): Promise<Traced> {
      activity.payloadConverter().toPayload(given);
      activity.heartbeat(given);
      return given;
    },
  };
  return { name, run: (world) => withConverter(world, { payloadConverter }, all, use) };
}

/** Set by who waits for the activity that is completed elsewhere. */
let isWaiting: () => void = () => {};

/** Whom converters and codecs are told that a value is for. */
export const contexts: readonly Scenario[] = [
  traced(
    "a converter is told of workflow, activity and child, in the order in which a value passes them",
    async (own) => {
      const { client, taskQueue, newId, ofWorkflow, ofActivity } = own;
      const id = newId("passes-on");
      const result = await client.executeWorkflow(PassesTraceOn, { args: [new Traced()], id, taskQueue });
      const [self, child] = [ofWorkflow(id), ofWorkflow(`${id}-child`)];
      const called = ofActivity({ name: "PassesTraceOn", id }, "passOn");
      assert.deepEqual(result.items, [
        ...[to(self), from(self), to(self)],
        ...[to(called), from(called), to(called), to(called), to(called), from(called)],
        ...[to(child), from(child), to(child), from(child)],
        ...[to(self), from(self)],
      ]);
    },
  ),
  traced(
    "a converter is told of the activity whose heartbeat it converts",
    async ({ client, taskQueue, newId, ofWorkflow, ofActivity }) => {
      const id = newId("beats");
      const result = await client.executeWorkflow(CallsOne, { args: ["beatAndFail", false], id, taskQueue });
      const called = ofActivity({ name: "CallsOne", id }, "beatAndFail");
      const self = ofWorkflow(id);
      const items = [to(called), from(called), to(called), from(called), to(self), from(self)];
      assert.deepEqual((result as Traced).items, items);
    },
    {
      beatAndFail() {
        const { attempt, heartbeatDetails } = activity.info();
        if (attempt > 1) return heartbeatDetails[0];
        activity.heartbeat(new Traced());
        throw new Error("to be tried again");
      },
    },
  ),
  traced(
    "a converter is told of local activities",
    async ({ client, taskQueue, newId, ofWorkflow, ofActivity }) => {
      const id = newId("local");
      const result = await client.executeWorkflow(CallsOne, { args: ["giveBack", true, new Traced()], id, taskQueue });
      const [self, called] = [ofWorkflow(id), ofActivity({ name: "CallsOne", id }, "giveBack", true)];
      const items = [to(self), from(self), to(called), from(called), to(called), from(called), to(self), from(self)];
      assert.deepEqual((result as Traced).items, items);
    },
    { giveBack: ((given: Traced) => given) as () => unknown },
  ),
  traced(
    "a converter is told of an activity that is completed elsewhere, by its handle",
    async ({ client, taskQueue, newId, ofWorkflow, ofActivity }) => {
      const id = newId("elsewhere");
      const waits = new Promise<void>((resolve) => (isWaiting = resolve));
      const handle = await client.startWorkflow(CallsOne, { args: ["elsewhere", false], id, taskQueue });
      const called = ofActivity({ name: "CallsOne", id }, "elsewhere");
      await waits;
      const outside = client.getAsyncActivityHandle({ workflowId: id, activityId: "activity-id" }).withContext(called);
      const given = new Traced();
      await outside.heartbeat([given]);
      await outside.complete(given);
      const self = ofWorkflow(id);
      const items = [to(called), to(called), from(called), to(self), from(self)];
      assert.deepEqual(((await handle.result()) as Traced).items, items);
    },
    {
      elsewhere() {
        isWaiting();
        return activity.raiseCompleteAsync();
      },
    },
  ),
  traced("a converter is told whose signals, queries and updates it converts", async (own) => {
    const { client, taskQueue, newId, ofWorkflow } = own;
    const id = newId("handles");
    const handle = await client.startWorkflow(HandlesTraces, { id, taskQueue });
    const self = ofWorkflow(id);
    const both = [to(self), from(self), to(self), from(self)];
    assert.deepEqual((await handle.query("query", new Traced())).items, both);
    const cause = await updateFailureOf(handle.executeUpdate("update", { args: [new Traced(), true] }));
    check(cause instanceof ApplicationError);
    assert.deepEqual((cause.details[0] as Traced).items, both);
    assert.deepEqual((await handle.executeUpdate("update", { args: [new Traced(), false] })).items, both);
    await handle.result();
    const other = await client.startWorkflow(HandlesTraces, { id: newId("handles"), taskQueue });
    await other.signal("signal", new Traced());
    const context = ofWorkflow(other.id);
    assert.deepEqual((await other.result()).items, [to(context), from(context), to(context), from(context)]);
  }),
  traced(
    "a converter is told of the workflow that another one signals",
    async ({ client, taskQueue, newId, ofWorkflow }) => {
      const target = await client.startWorkflow(HandlesTraces, { id: newId("target"), taskQueue });
      const id = newId("signals");
      const result = await client.executeWorkflow(SignalsTrace, { args: [target.id, new Traced()], id, taskQueue });
      const [self, other] = [ofWorkflow(id), ofWorkflow(target.id)];
      assert.deepEqual(result.items, [to(self), from(self), to(other), to(self), from(self)]);
      await target.result();
    },
  ),
  {
    name: "a failure converter is told of the activity and of the workflow that fail",
    async run(world) {
      const items: string[] = [];
      const failureConverter = tracingFailureConverter((item) => items.push(item));
      const fail = (): never => {
        throw new ApplicationError("fails", { details: [1] });
      };
      await withConverter(world, { failureConverter }, { fail }, async (own) => {
        const id = own.newId("fails");
        await failureOf(own.client.executeWorkflow(FailsAsTraced, { id, taskQueue: own.taskQueue }));
        const called = nameOf(own.ofActivity({ name: "FailsAsTraced", id }, "fail"));
        const self = nameOf(own.ofWorkflow(id));
        const wanted = [`to failure for ${called}`, `from failure for ${called}`, `to failure for ${self}`];
        assert.deepEqual([...new Set(items)], [...wanted, `from failure for ${self}`]);
      });
    },
  },
  {
    name: "a codec is told of workflows, children and local activities",
    async run(world) {
      const items: string[] = [];
      const codec = tracingCodec((item) => items.push(item));
      const giveBack = (text: string): string => text;
      await withConverter(world, { codec }, { giveBack }, async (own) => {
        const { client, taskQueue, newId, ofWorkflow, ofActivity } = own;
        const seen = async (run: (id: string) => Promise<unknown>): Promise<{ id: string; items: string[] }> => {
          const id = newId("seen");
          items.splice(0);
          await run(id);
          return { id, items: [...items] };
        };
        const ways = (context: SerializationContext): string[] => [
          `encode for ${nameOf(context)}`,
          `decode for ${nameOf(context)}`,
        ];
        const plain = await seen((id) => client.executeWorkflow(GivesTextBack, { args: ["text"], id, taskQueue }));
        const self = ways(ofWorkflow(plain.id));
        assert.deepEqual(plain.items, [...self, ...self]);
        const local = await seen((id) =>
          client.executeWorkflow("CallsOne", { args: ["giveBack", true, "text"], id, taskQueue }),
        );
        const called = ways(ofActivity({ name: "CallsOne", id: local.id }, "giveBack", true));
        const caller = ways(ofWorkflow(local.id));
        // Its arguments go nowhere, and its result into history only: nobody decodes it unless it is replayed.
        assert.deepEqual([...new Set(local.items)].toSorted(), [called[0], ...caller].toSorted());
        const parent = await seen((id) => client.executeWorkflow("PassesTraceOn", { args: ["text"], id, taskQueue }));
        const child = ways(ofWorkflow(`${parent.id}-child`));
        assert.deepEqual(
          parent.items.filter((item) => item.endsWith("-child")),
          [...child, ...child],
        );
      });
    },
  },
  {
    name: "whatever a codec is told of a value on its way out, it is told on its way in",
    async run(world) {
      const activities = { trade: (text: string) => (text === "inbound" ? "outbound" : `found ${text}`) };
      await withConverter(world, { codec: contextCodec() }, activities, async ({ client, taskQueue, newId }) => {
        const handle = await client.startWorkflow(TradesText, { args: ["outbound"], id: newId("trades"), taskQueue });
        assert.equal(await handle.query("query", "outbound"), "inbound");
        await handle.signal("signal", "outbound");
        assert.equal(await handle.executeUpdate("update", { args: ["outbound"] }), "inbound");
        assert.equal(await handle.result(), "inbound");
      });
    },
  },
  {
    name: "a converter of the user's own stays what it is in every context",
    async run(world) {
      const converter = renamingConverter();
      await withConverter(world, { payloadConverter: converter }, [], async ({ client, taskQueue, newId }) => {
        const start = client.startWorkflow(GivesTextBack, { args: ["text"], id: newId("renames"), taskQueue });
        await assert.rejects(start, { message: "the user's own method was called" });
      });
    },
  },
];
