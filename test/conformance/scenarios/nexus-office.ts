import assert from "node:assert/strict";
import { serviceHandler } from "nexus-rpc";
import { NexusOperationFailureError } from "perdure/client";
import {
  CancelledError,
  NexusHandlerError,
  NexusOperationAlreadyStartedError,
  TerminatedError,
} from "perdure/exceptions";
import * as nexus from "perdure/nexus";
import { check, rejectionOf } from "../expectations.ts";
import type { Scenario, ScenarioWorld } from "../scenario.ts";
import { greeterHandler, withEndpoint } from "./nexus-endpoint.ts";
import { greeter, office } from "./nexus.contract.ts";
import { CallsOffice, SignalsWithStart, TakesNotes } from "./nexus-office.workflows.ts";
import { Meets } from "./nexus.workflows.ts";

/** Puts what the office's activity is given in order. */
export async function file(text: string): Promise<string> {
  return `filed ${text}`;
}

type CallArgs = Parameters<CallsOffice["run"]>;

function officeHandler(notesId: string) {
  return serviceHandler(office, {
    run: nexus.temporalOperation<string, string>((ctx, client, name) =>
      client.startWorkflow(Meets, { args: [name], id: `meets-${ctx.requestId}` }),
    ),
    update: nexus.temporalOperation<string, string>((_ctx, client, note) =>
      client.startWorkflowUpdate<string>("take", { workflowId: notesId, args: [note] }),
    ),
    activity: nexus.temporalOperation<string, string>((ctx, client, text) =>
      client.startActivity(file, { args: [text], id: `files-${ctx.requestId}`, startToCloseTimeout: "10s" }),
    ),
    both: nexus.temporalOperation<string, string>(async (ctx, client, name) => {
      await client.startWorkflow(Meets, { args: [name], id: `meets-${ctx.requestId}` });
      return client.startWorkflow(Meets, { args: [name], id: `meets-again-${ctx.requestId}` });
    }),
    note: nexus.temporalOperation<string, string>(async (_ctx, { client }, note) => {
      await client.getWorkflowHandleFor(TakesNotes, notesId).signal("jot", note);
      return nexus.TemporalOperationResult.sync("noted");
    }),
  });
}

async function inOffice(
  world: ScenarioWorld,
  use: (place: { readonly endpoint: string; readonly notesId: string }) => Promise<void>,
): Promise<void> {
  const notesId = world.newId("notes");
  await withEndpoint(
    world,
    {
      workflows: [Meets, TakesNotes],
      activities: { file },
      nexusServiceHandlers: [greeterHandler, officeHandler(notesId)],
    },
    (endpoint) => use({ endpoint, notesId }),
  );
}

function backedBy(operation: "run" | "update" | "activity", input: string, wanted: string): Scenario {
  return {
    name: `a Nexus operation is backed by what its handler starts: ${operation} ${input}`,
    async run(world) {
      await inOffice(world, async ({ endpoint, notesId }) => {
        const { client, taskQueue, newId } = world;
        const notes = await client.startWorkflow(TakesNotes, { id: notesId, taskQueue });
        const id = newId("calls-office");
        const args: CallArgs = [endpoint, operation, input];
        assert.equal(await client.executeWorkflow(CallsOffice, { args, id, taskQueue }), wanted);
        await notes.signal("stop");
      });
    },
  };
}

const linked: Scenario = {
  name: "a workflow that a Nexus operation starts and its caller are linked both ways",
  async run(world) {
    await inOffice(world, async ({ endpoint }) => {
      const { client, taskQueue, newId } = world;
      const args: CallArgs = [endpoint, "run", "Ann"];
      const caller = await client.startWorkflow(CallsOffice, { args, id: newId("calls-office"), taskQueue });
      assert.equal(await caller.result(), "met Ann");
      const { events } = await caller.fetchHistory();
      const started = events.find(({ attributes }) => attributes?.case === "nexusOperationStartedEventAttributes");
      const link = started?.links[0]?.variant;
      check(link?.case === "workflowEvent", `wanted a link to an event, found ${JSON.stringify(link)}`);
      const callee = client.getWorkflowHandle(link.value.workflowId, { runId: link.value.runId });
      const [first] = (await callee.fetchHistory()).events;
      const back = (first?.links ?? []).map(({ variant }) =>
        variant?.case === "workflowEvent" ? variant.value : undefined,
      );
      const callbacks =
        first?.attributes?.case === "workflowExecutionStartedEventAttributes"
          ? first.attributes.value.completionCallbacks.flatMap(({ links }) =>
              links.map(({ variant }) => (variant?.case === "workflowEvent" ? variant.value : undefined)),
            )
          : [];
      check([...back, ...callbacks].some((found) => found?.workflowId === caller.id));
    });
  },
};

const signalled: Scenario = {
  name: "a Nexus handler signals with the worker's client",
  async run(world) {
    await inOffice(world, async ({ endpoint, notesId }) => {
      const { client, taskQueue, newId } = world;
      const notes = await client.startWorkflow(TakesNotes, { id: notesId, taskQueue });
      const args: CallArgs = [endpoint, "note", "milk"];
      assert.equal(await client.executeWorkflow(CallsOffice, { args, id: newId("calls-office"), taskQueue }), "noted");
      await notes.signal("stop");
      assert.deepEqual(await notes.result(), ["milk"]);
    });
  },
};

const onlyOne: Scenario = {
  name: "only one thing can back a Nexus operation",
  async run(world) {
    await inOffice(world, async ({ endpoint }) => {
      const { client, taskQueue, newId } = world;
      const args: CallArgs = [endpoint, "both", "Ann"];
      const result = await client.executeWorkflow(CallsOffice, { args, id: newId("calls-office"), taskQueue });
      check(result.startsWith("failed: Only one thing can back an operation"), result);
    });
  },
};

const standalone: Scenario = {
  name: "a client calls Nexus operations without a workflow, and describes, lists and counts them",
  async run(world) {
    await inOffice(world, async ({ endpoint }) => {
      const { client, newId, eventually } = world;
      const greeters = client.createNexusClient({ endpoint, service: greeter });
      const id = newId("greets");
      const options = { scheduleToCloseTimeout: "30s" } as const;
      const greet = greeter.operations.greet;
      assert.equal(
        await greeters.executeOperation(greet, "Ann", { id, ...options, headers: { "x-caller": "client" } }),
        "hello Ann from client",
      );
      const meeting = await greeters.startOperation(greeter.operations.meet, "Bob", {
        id: newId("meets"),
        ...options,
        summary: "a meeting",
      });
      assert.equal(await meeting.result(), "met Bob");
      const description = await meeting.describe();
      assert.equal(description.status, "completed");
      assert.equal(description.operation, "meet");
      assert.equal(await description.staticSummary(), "a meeting");
      const query = `OperationId = "${id}"`;
      await eventually(async () => (await client.countNexusOperations(query)).count === 1);
      const listed = [];
      for await (const { operationId, status } of client.listNexusOperations(query)) listed.push([operationId, status]);
      assert.deepEqual(listed, [[id, "completed"]]);
    });
  },
};

const standaloneEnds: Scenario = {
  name: "a client cancels and terminates Nexus operations, and learns how they ended",
  async run(world) {
    await inOffice(world, async ({ endpoint }) => {
      const { client, newId, eventually } = world;
      const greeters = client.createNexusClient({ endpoint, service: greeter });
      const start = (id: string) =>
        greeters.startOperation(greeter.operations.meet, "forever", { id, scheduleToCloseTimeout: "30s" });
      const cancelled = await start(newId("cancelled"));
      await eventually(async () => (await cancelled.describe()).state === "started");
      const again = await rejectionOf(start(cancelled.operationId));
      check(again instanceof NexusOperationAlreadyStartedError, String(again));
      await cancelled.cancel({ reason: "no time" });
      const cancellation = await rejectionOf(cancelled.result());
      check(cancellation instanceof NexusOperationFailureError && cancellation.cause instanceof CancelledError);
      const terminated = await start(newId("terminated"));
      await client.getNexusOperationHandle(terminated.operationId).terminate({ reason: "enough" });
      const termination = await rejectionOf(terminated.result());
      check(termination instanceof NexusOperationFailureError && termination.cause instanceof TerminatedError);
      assert.equal(termination.cause.message, "enough");
      const failing = await greeters.startOperation(greeter.operations.fail, "handler", { id: newId("fails") });
      const failure = await rejectionOf(failing.result());
      check(
        failure instanceof NexusOperationFailureError && failure.cause instanceof NexusHandlerError,
        String(failure),
      );
      assert.equal(failure.cause.type, "BAD_REQUEST");
    });
  },
};

const signalsWithStart: Scenario = {
  name: "a workflow signals another and starts it, by the service's own Nexus operation",
  async run({ client, taskQueue, newId }) {
    const notesId = newId("notes");
    check(await client.executeWorkflow(SignalsWithStart, { args: [notesId], id: newId("signals"), taskQueue }));
    const notes = client.getWorkflowHandle(notesId);
    assert.deepEqual(await notes.result(), ["first", "second"]);
    assert.deepEqual(await (await notes.describe()).memo(), { about: "notes" });
  },
};

/** What backs Nexus operations, and operations without a workflow. */
export const nexusOffice: readonly Scenario[] = [
  backedBy("run", "Ann", "met Ann"),
  backedBy("update", "slow note", "took slow note"),
  backedBy("update", "note", "took note"),
  backedBy("activity", "papers", "filed papers"),
  linked,
  signalled,
  onlyOne,
  signalsWithStart,
  standalone,
  standaloneEnds,
];
