import assert from "node:assert/strict";
import { WorkflowContinuedAsNewError } from "perdure/client";
import {
  ActivityError,
  ApplicationError,
  CancelledError,
  ChildWorkflowError,
  TerminatedError,
  TimeoutError,
} from "perdure/exceptions";
import { RPCError, RPCStatusCode } from "perdure/service";
import { check, count, eventKindsOf, failureOf, rejectionOf } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import {
  BecomesChild,
  Caller,
  CancelsChild,
  CancelsUnborn,
  Child,
  ContinuesWithOptions,
  GoesOn,
  Grandparent,
  LeavesChild,
  LeavesUnborn,
  Parent,
  Sends,
} from "./children.workflows.ts";

function signalled(how: "typed" | "external" | "external typed"): Scenario {
  return {
    name: `a workflow signals its child by a handle: ${how}`,
    async run({ client, taskQueue, newId }) {
      assert.equal(
        await client.executeWorkflow(Caller, { args: [newId("child"), how], id: newId("caller"), taskQueue }),
        `child heard ${how}`,
      );
    },
  };
}

function cancelsChild(
  type: "abandon" | "tryCancel" | "waitCancellationCompleted" | "waitCancellationRequested",
  childEnds: "canceled" | "running",
): Scenario {
  return {
    name: `a child is cancelled with ${type}, after which it is ${childEnds}`,
    async run({ client, taskQueue, newId, eventually }) {
      const childId = newId("child");
      const handle = await client.startWorkflow(CancelsChild, {
        args: [childId, type],
        id: newId("cancels-child"),
        taskQueue,
      });
      assert.equal(await handle.result(), "cancelled");
      const kinds = await eventKindsOf(handle);
      const requests = count(kinds, "requestCancelExternalWorkflowExecutionInitiated");
      assert.equal(requests, type === "abandon" ? 0 : 1, "never asked twice");
      assert.equal(
        kinds.includes("childWorkflowExecutionCanceled"),
        type.startsWith("waitCancellation"),
        "the shared core waits for the end in either case",
      );
      const child = client.getWorkflowHandle(childId);
      await eventually(async () => (await child.describe()).status === childEnds);
      if (childEnds === "running") await child.terminate();
    },
  };
}

function leavesChild(
  policy: "terminate" | "abandon" | "requestCancel",
  childEnds: "terminated" | "running" | "canceled",
): Scenario {
  return {
    name: `a parent that ends with policy ${policy} leaves its child ${childEnds}`,
    async run({ client, taskQueue, newId, eventually }) {
      const childId = newId("child");
      await client.executeWorkflow(LeavesChild, { args: [childId, policy], id: newId("leaves-child"), taskQueue });
      const child = client.getWorkflowHandle(childId);
      await eventually(async () => (await child.describe()).status === childEnds);
      if (childEnds === "running") await child.terminate();
    },
  };
}

/** Child and external workflows, and runs that continue as new. */
export const children: readonly Scenario[] = [
  {
    name: "a child workflow answers its parent, also after it continued as new",
    async run({ client, taskQueue, newId }) {
      assert.equal(
        await client.executeWorkflow(Parent, { args: ["succeed"], id: newId("parent"), taskQueue }),
        "child",
      );
      assert.equal(
        await client.executeWorkflow(Parent, { args: ["renew"], id: newId("parent"), taskQueue }),
        "child renewed",
      );
    },
  },
  {
    name: "a child's failure reaches the client with its chain",
    async run({ client, taskQueue, newId }) {
      const childId = newId("child");
      const { cause } = await failureOf(
        client.executeWorkflow(Parent, { args: ["decline", { id: childId }], id: newId("parent"), taskQueue }),
      );
      check(cause instanceof ChildWorkflowError);
      assert.deepEqual([cause.workflowId, cause.workflowType, cause.namespace], [childId, "Child", client.namespace]);
      check(cause.cause instanceof ActivityError);
      check(cause.cause.cause instanceof ApplicationError);
      assert.equal(cause.cause.cause.type, "CardDeclined");
    },
  },
  {
    name: "a child is retried by its own policy",
    async run({ client, taskQueue, newId }) {
      const options = { retryPolicy: { initialInterval: 10, maximumInterval: 10, maximumAttempts: 3 } };
      assert.equal(
        await client.executeWorkflow(Parent, { args: ["failTwice", options], id: newId("parent"), taskQueue }),
        "child",
      );
    },
  },
  {
    name: "a child times out by its own timeout",
    async run({ client, taskQueue, newId }) {
      const { cause } = await failureOf(
        client.executeWorkflow(Parent, { args: ["wait", { runTimeout: 1000 }], id: newId("parent"), taskQueue }),
      );
      check(cause instanceof ChildWorkflowError && cause.cause instanceof TimeoutError, String(cause));
    },
  },
  {
    name: "a terminated child fails its parent's call",
    async run({ client, taskQueue, newId, eventually }) {
      const childId = newId("child");
      const handle = await client.startWorkflow(Parent, {
        args: ["wait", { id: childId }],
        id: newId("parent"),
        taskQueue,
      });
      await eventually(async () => (await eventKindsOf(handle)).includes("childWorkflowExecutionStarted"));
      await client.getWorkflowHandle(childId).terminate();
      const { cause } = await failureOf(handle.result());
      check(cause instanceof ChildWorkflowError && cause.cause instanceof TerminatedError, String(cause));
    },
  },
  {
    name: "a child whose id is taken is refused in the parent",
    async run({ client, taskQueue, newId }) {
      const childId = newId("child");
      const taken = await client.startWorkflow(Child, { args: ["wait", ""], id: childId, taskQueue });
      assert.equal(
        await client.executeWorkflow(Parent, { args: ["succeed", { id: childId }], id: newId("parent"), taskQueue }),
        "already started Child",
      );
      await taken.terminate();
    },
  },
  {
    name: "a child's memo and summary are seen by whoever describes it",
    async run({ client, taskQueue, newId }) {
      const childId = newId("child");
      await client.executeWorkflow(Parent, {
        args: [
          "succeed",
          { id: childId, memo: { colour: "red" }, staticSummary: "a child", staticDetails: "of its parent" },
        ],
        id: newId("parent"),
        taskQueue,
      });
      const description = await client.getWorkflowHandle(childId).describe();
      assert.deepEqual(await description.memo(), { colour: "red" });
      assert.deepEqual(
        [await description.staticSummary(), await description.staticDetails()],
        ["a child", "of its parent"],
      );
    },
  },
  signalled("typed"),
  signalled("external"),
  signalled("external typed"),
  {
    name: "children are started and signalled by name",
    async run({ client, taskQueue, newId }) {
      const result = await client.executeWorkflow(Caller, {
        args: [newId("child"), "untyped"],
        id: newId("caller"),
        taskQueue,
      });
      assert.deepEqual(result, ["child heard untyped", "other heard untyped", true, 36]);
    },
  },
  cancelsChild("abandon", "running"),
  cancelsChild("tryCancel", "canceled"),
  cancelsChild("waitCancellationCompleted", "canceled"),
  cancelsChild("waitCancellationRequested", "canceled"),
  {
    name: "a child that is cancelled before it was sent leaves no event",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(CancelsUnborn, {
        args: [newId("child")],
        id: newId("unborn"),
        taskQueue,
      });
      assert.equal(await handle.result(), "never started");
      check(!(await eventKindsOf(handle)).includes("startChildWorkflowExecutionInitiated"));
    },
  },
  {
    name: "cancelling a parent cancels the child that it waits for",
    async run({ client, taskQueue, newId, eventually }) {
      const childId = newId("child");
      const handle = await client.startWorkflow(Parent, {
        args: ["cleanUp", { id: childId }],
        id: newId("parent"),
        taskQueue,
      });
      await eventually(async () => (await eventKindsOf(handle)).includes("childWorkflowExecutionStarted"));
      await handle.cancel();
      const { cause } = await failureOf(handle.result());
      check(cause instanceof CancelledError, String(cause));
      assert.equal((await client.getWorkflowHandle(childId).describe()).status, "canceled");
    },
  },
  leavesChild("terminate", "terminated"),
  leavesChild("abandon", "running"),
  leavesChild("requestCancel", "canceled"),
  {
    name: "a child knows its parent and the root of the tree",
    async run({ client, taskQueue, newId }) {
      const id = newId("grandparent");
      const told = (await client.executeWorkflow(Grandparent, { id, taskQueue })) as {
        family: { parent: { workflowId: string; namespace: string }; root: object; self: { workflowId: string } };
        self: object;
      };
      assert.deepEqual(told.family.root, told.self);
      assert.notEqual(told.family.parent.workflowId, id);
      assert.equal(told.family.parent.namespace, client.namespace);
      check(!("parent" in told), "the root has no parent");
      const { root } = await client.getWorkflowHandle(told.family.self.workflowId).describe();
      assert.deepEqual({ workflowId: root?.workflowId, runId: root?.runId }, told.self);
    },
  },
  {
    name: "a workflow that was cancelled from another one ends as cancelled",
    async run({ client, taskQueue, newId }) {
      const target = await client.startWorkflow(Child, { args: ["wait", ""], id: newId("target"), taskQueue });
      assert.equal(
        await client.executeWorkflow(Sends, { args: [target.id, "cancel"], id: newId("sends"), taskQueue }),
        "sent",
      );
      const { cause } = await failureOf(target.result());
      check(cause instanceof CancelledError);
    },
  },
  ...(["signal", "cancel"] as const).map((what): Scenario => ({
    name: `a ${what} to a workflow that is not there fails, and says so`,
    async run({ client, taskQueue, newId }) {
      const answer = await client.executeWorkflow(Sends, {
        args: [newId("nowhere"), what],
        id: newId("sends"),
        taskQueue,
      });
      assert.match(answer, /^ExternalWorkflowExecutionNotFound: .*not found/);
    },
  })),
  {
    name: "continue-as-new passes options on to the next run",
    async run({ client, taskQueue, newId }) {
      const result = await client.executeWorkflow(ContinuesWithOptions, {
        args: [true],
        id: newId("continues"),
        taskQueue,
        memo: { note: "first" },
      });
      assert.deepEqual(result, {
        workflowType: "ContinuesWithOptions",
        hasContinued: true,
        taskTimeoutMs: 7000,
        runTimeoutMs: 70_000,
        attempts: 4,
        memo: { note: "changed" },
      });
    },
  },
  {
    name: "every run of a chain knows the first one, the one before it and what it was given by that",
    async run({ client, taskQueue, newId }) {
      const options = { id: newId("goes-on"), taskQueue, memo: { past: 0 }, retryPolicy: { maximumAttempts: 1000 } };
      const handle = await client.startWorkflow(GoesOn, { ...options, args: [[]] });
      const runIds = await handle.result();
      assert.equal(new Set(runIds).size, 5);
      assert.equal(runIds[0], handle.firstExecutionRunId);
      const first = client.getWorkflowHandle(handle.id, { runId: handle.firstExecutionRunId });
      const last = (await first.fetchHistory()).events.at(-1)?.attributes;
      check(last?.case === "workflowExecutionContinuedAsNewEventAttributes");
      assert.deepEqual(
        [last.value.backoffStartInterval?.seconds, last.value.backoffStartInterval?.nanos],
        [0, 1_000_000],
      );
    },
  },
  {
    name: "an abandoned child that is started by its parent's last task does not come into being",
    async run({ client, taskQueue, newId }) {
      const childId = newId("unborn");
      const parent = await client.startWorkflow(LeavesUnborn, { args: [childId], id: newId("leaves"), taskQueue });
      assert.equal(await parent.result(), "left");
      const kinds = await eventKindsOf(parent);
      assert.ok(kinds.includes("startChildWorkflowExecutionInitiated"));
      // Whatever the service does about it comes before what it is told to do now.
      await client.executeWorkflow(Parent, { args: ["succeed"], id: newId("parent"), taskQueue });
      const error = await rejectionOf(client.getWorkflowHandle(childId).describe());
      check(error instanceof RPCError);
      assert.equal(error.status, RPCStatusCode.NOT_FOUND);
    },
  },
  {
    name: "a workflow may continue as one of another type",
    async run({ client, taskQueue, newId }) {
      assert.equal(
        await client.executeWorkflow<string>("BecomesChild", { id: newId("becomes"), taskQueue }),
        "became a child",
      );
    },
  },
  {
    name: "a handle that does not follow runs says which run came next",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(BecomesChild, { id: newId("becomes"), taskQueue });
      const error = await rejectionOf(handle.result({ followRuns: false }));
      check(error instanceof WorkflowContinuedAsNewError);
      assert.equal(
        await client.getWorkflowHandle(handle.id, { runId: error.newExecutionRunId }).result(),
        "became a child",
      );
    },
  },
];
