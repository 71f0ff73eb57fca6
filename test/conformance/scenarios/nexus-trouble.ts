import assert from "node:assert/strict";
import { HandlerError, HandlerStartOperationResult, serviceHandler } from "nexus-rpc";
import { Client, WorkflowFailureError } from "perdure/client";
import { defaultDataConverter, type PayloadCodec } from "perdure/converter";
import { CancelledError, NexusOperationError } from "perdure/exceptions";
import * as nexus from "perdure/nexus";
import { WorkflowEnvironment } from "perdure/testing";
import type { Link } from "../../../src/proto/gen/common.ts";
import type { Init } from "../../../src/proto/message.ts";
import { check, eventKindsOf, failureOf, rejectionOf } from "../expectations.ts";
import type { Scenario, ScenarioWorld } from "../scenario.ts";
import { withEndpoint } from "./nexus-endpoint.ts";
import { trouble } from "./nexus.contract.ts";
import { TakesNotes } from "./nexus-office.workflows.ts";
import { CallsTrouble, CancelsInVain, KeepsSecrets, Naps } from "./nexus-trouble.workflows.ts";

/** A handler, and what its operations noted. */
function createTroubleHandler() {
  const aborted: string[] = [];
  let stumbles = 0;
  const naps = nexus.workflowRunOperation<string, string>((ctx, id) =>
    ctx.startWorkflow(Naps, { args: ["it"], id: `naps-${id}`, idConflictPolicy: "useExisting" }),
  );
  const handler = serviceHandler(trouble, {
    hang: (ctx, name) =>
      new Promise((_resolve, reject) => {
        const stop = (): void => {
          aborted.push(name);
          reject(ctx.abortSignal.reason as Error);
        };
        if (ctx.abortSignal.aborted) stop();
        else ctx.abortSignal.addEventListener("abort", stop);
      }),
    stumble: async (_ctx, name) => {
      if (++stumbles < 2) throw new HandlerError("UNAVAILABLE", "not now");
      return `${name} after ${stumbles}`;
    },
    refuseCancel: {
      start: async (ctx, id) => {
        const started = await naps.start(ctx, id);
        return started.isAsync ? HandlerStartOperationResult.async(started.token) : started;
      },
      cancel: async () => {
        throw new HandlerError("NOT_IMPLEMENTED", "cannot be stopped");
      },
    },
    share: naps,
    never: async () => {
      throw new HandlerError("UNAVAILABLE", "not today");
    },
    echo: async (_ctx, text) => `echo of ${text}`,
  });
  return { handler, aborted };
}

/** An endpoint whose operations do not go smoothly, and what its handlers noted. */
export function withTrouble(
  world: ScenarioWorld,
  use: (endpoint: string, aborted: readonly string[]) => Promise<void>,
): Promise<void> {
  const { handler, aborted } = createTroubleHandler();
  return withEndpoint(world, { workflows: [Naps], nexusServiceHandlers: [handler] }, (endpoint) =>
    use(endpoint, aborted),
  );
}

const timesOut: Scenario = {
  name: "a Nexus operation times out, and its handler hears of it",
  async run(world) {
    await withTrouble(world, async (endpoint, aborted) => {
      const { client, taskQueue, newId, eventually } = world;
      const id = newId("calls-trouble");
      const found = await client.executeWorkflow(CallsTrouble, {
        args: [endpoint, "hang", [id], { scheduleToCloseTimeout: "3s" }],
        id,
        taskQueue,
      });
      const SCHEDULE_TO_CLOSE = 3;
      assert.deepEqual(found, [`nexus operation completed unsuccessfully: ${SCHEDULE_TO_CLOSE}`]);
      await eventually(async () => aborted.includes(id));
    });
  },
};

const triesAgain: Scenario = {
  name: "a Nexus request whose handler is unavailable is tried again",
  async run(world) {
    await withTrouble(world, async (endpoint) => {
      const { client, taskQueue, newId } = world;
      const args: Parameters<CallsTrouble["run"]> = [endpoint, "stumble", ["it"], { scheduleToCloseTimeout: "30s" }];
      const found = await client.executeWorkflow(CallsTrouble, { args, id: newId("calls-trouble"), taskQueue });
      assert.deepEqual(found, ["it after 2"]);
    });
  },
};

const shares: Scenario = {
  name: "several Nexus operations share the workflow that backs them",
  async run(world) {
    await withTrouble(world, async (endpoint) => {
      const { client, taskQueue, newId } = world;
      const id = newId("shared");
      const args: Parameters<CallsTrouble["run"]> = [
        endpoint,
        "share",
        [id, id, id],
        { scheduleToCloseTimeout: "30s" },
      ];
      const found = await client.executeWorkflow(CallsTrouble, { args, id: newId("calls-trouble"), taskQueue });
      assert.deepEqual(found, ["it slept", "it slept", "it slept"]);
    });
  },
};

const cancelledWithWorkflow: Scenario = {
  name: "cancelling a workflow cancels the Nexus operation that it waits for",
  async run(world) {
    await withTrouble(world, async (endpoint) => {
      const { client, taskQueue, newId, eventually } = world;
      const id = newId("cancelled");
      const args: Parameters<CallsTrouble["run"]> = [endpoint, "share", [id], {}];
      const handle = await client.startWorkflow(CallsTrouble, { args, id: newId("calls-trouble"), taskQueue });
      await eventually(async () => (await eventKindsOf(handle)).includes("nexusOperationStarted"));
      await handle.cancel();
      const failure: WorkflowFailureError = await failureOf(handle.result());
      check(failure.cause instanceof CancelledError || failure.cause instanceof NexusOperationError);
      const kinds = await eventKindsOf(handle);
      check(kinds.includes("nexusOperationCancelRequested") && kinds.includes("nexusOperationCanceled"));
    });
  },
};

function cancelsInVain(type: "waitRequested" | "waitCompleted", wanted: string): Scenario {
  return {
    name: `a Nexus handler refuses a cancellation with ${type}`,
    async run(world) {
      await withTrouble(world, async (endpoint) => {
        const { client, taskQueue, newId } = world;
        const args: Parameters<CancelsInVain["run"]> = [endpoint, type];
        const handle = await client.startWorkflow(CancelsInVain, { args, id: newId("in-vain"), taskQueue });
        assert.equal(await handle.result(), wanted);
      });
    },
  };
}

/** Turns every payload around, and says so. */
const mirror: PayloadCodec = {
  encode: async (payloads) =>
    payloads.map(({ data, metadata }) => ({
      data: data.toReversed(),
      metadata: { ...metadata, mirrored: new Uint8Array([1]) },
      externalPayloads: [],
    })),
  decode: async (payloads) =>
    payloads.map((payload) => {
      const { mirrored, ...metadata } = payload.metadata;
      if (mirrored === undefined) return payload;
      return { data: payload.data.toReversed(), metadata, externalPayloads: [] };
    }),
};

const secret: Scenario = {
  name: "a codec hides what Nexus operations carry, the service's own included",
  async run({ client: plain, newId, withWorker }) {
    const { namespace, connection } = plain;
    const client = new Client(connection, { namespace, dataConverter: defaultDataConverter.with({ codec: mirror }) });
    const environment = WorkflowEnvironment.fromClient(client);
    const taskQueue = newId("secrets");
    const endpoint = await environment.createNexusEndpoint(newId("endpoint"), taskQueue);
    const nexusServiceHandlers = [createTroubleHandler().handler];
    const use = async (): Promise<void> => {
      const notesId = newId("notes");
      const id = newId("keeps-secrets");
      const args: Parameters<KeepsSecrets["run"]> = [endpoint.spec?.name ?? "", notesId];
      assert.equal(await client.executeWorkflow(KeepsSecrets, { args, id, taskQueue }), "echo of secret input");
      assert.deepEqual(await client.getWorkflowHandle(notesId).result(), ["secret note"]);
      for (const workflowId of [id, notesId]) {
        const { events } = await plain.getWorkflowHandle(workflowId).fetchHistory();
        const text = JSON.stringify(events, (_key, value: unknown) =>
          value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
        );
        check(!text.includes("secret note") && !text.includes("secret input"), `${workflowId} tells a secret`);
      }
    };
    await withWorker({ taskQueue, workflows: [KeepsSecrets, TakesNotes], nexusServiceHandlers }, use, client);
    await environment.deleteNexusEndpoint(endpoint);
  },
};

const linked: Scenario = {
  name: "requests carry no more links than the service takes, and none that lead nowhere",
  async run({ client, newId }) {
    const { workflowService, namespace } = client;
    const workflowExecution = { workflowId: newId("nowhere") };
    const link = { variant: { case: "workflowEvent", value: { namespace, workflowId: "w", runId: "r" } } } as const;
    const signal = (links: readonly Init<Link>[]): Promise<unknown> =>
      rejectionOf(workflowService.signalWorkflowExecution({ namespace, workflowExecution, signalName: "s", links }));
    const textOf = async (links: readonly Init<Link>[]): Promise<string> => ((await signal(links)) as Error).message;
    assert.match(
      await textOf(Array<Init<Link>>(11).fill(link)),
      /cannot attach more than 10 links per request, got 11/,
    );
    const empty = { variant: { case: "workflowEvent", value: { ...link.variant.value, runId: "" } } } as const;
    assert.match(await textOf([empty]), /workflow event link must not have an empty run ID field/);
    const long = {
      variant: { case: "workflowEvent", value: { ...link.variant.value, workflowId: "w".repeat(4_000) } },
    };
    assert.match(await textOf([long as Init<Link>]), /link exceeds allowed size of 4000, got \d+/);
    assert.doesNotMatch(await textOf([link]), /link/);
  },
};

/** Nexus operations that do not go smoothly, and what they carry. */
export const nexusTrouble: readonly Scenario[] = [
  timesOut,
  triesAgain,
  shares,
  cancelledWithWorkflow,
  cancelsInVain("waitRequested", "NOT_IMPLEMENTED"),
  cancelsInVain("waitCompleted", "it slept"),
  secret,
  linked,
];
