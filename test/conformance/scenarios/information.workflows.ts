import { SearchAttributeKey } from "perdure/common";
import { ApplicationError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";
import { echo } from "../activities.ts";
import { KEYWORD } from "../search-attribute.ts";

const quick = { startToCloseTimeout: "10s" } as const;
const key = SearchAttributeKey.forKeyword(KEYWORD);

@workflow.defn()
export class TellsInfo {
  @workflow.run
  async run(): Promise<unknown> {
    const {
      attempt,
      namespace,
      taskQueue,
      workflowId,
      workflowType,
      runId,
      firstExecutionRunId,
      retryPolicy,
      priority,
      ...rest
    } = workflow.info();
    const before = workflow.info().historyLength;
    await workflow.sleep(1);
    const { executionTimeoutMs, runTimeoutMs, taskTimeoutMs, parent, continuedRunId, cronSchedule } = rest;
    return {
      attempt,
      namespace,
      taskQueue,
      workflowId,
      workflowType,
      runId,
      isFirst: firstExecutionRunId === runId,
      retryPolicy,
      priority,
      executionTimeoutMs,
      runTimeoutMs,
      taskTimeoutMs,
      hasParent: parent !== undefined,
      hasContinued: continuedRunId !== undefined,
      hasCron: cronSchedule !== undefined,
      hasTimes: rest.startTimeMs > 0 && rest.workflowStartTimeMs > 0 && rest.startTimeMs >= rest.workflowStartTimeMs,
      lengths: [before, workflow.info().historyLength],
      hasSize: workflow.info().historySizeBytes > 0,
      isSuggested: rest.isContinueAsNewSuggested,
      inWorkflow: workflow.inWorkflow(),
    };
  }
}

/** Reads and changes its memo, as its child does with the same one. */
@workflow.defn()
export class Remembers {
  @workflow.run
  async run(): Promise<unknown> {
    const before = workflow.memo();
    const first = workflow.memoValue("note", "fallback");
    workflow.upsertMemo({ note: "second", gone: null, more: { deep: [1] } });
    const value = workflow.memoValue<string>("note");
    const fallback = workflow.memoValue("nothing", "fallback");
    const missed = ["nothing", "gone"].filter((name) => {
      try {
        workflow.memoValue(name);
      } catch {
        return true;
      }
      return false;
    });
    await workflow.sleep(1);
    const own = { before, first, value, fallback, missed, after: workflow.memo() };
    if (workflow.info().parent !== undefined) return own;
    return { own, child: await workflow.executeChildWorkflow(Remembers, { memo: before }) };
  }
}

@workflow.defn()
export class Indexes {
  @workflow.run
  async run(): Promise<unknown> {
    const { searchAttributes } = workflow.info();
    const before = searchAttributes.get(key);
    workflow.upsertSearchAttributes([key.valueSet("second")]);
    await workflow.sleep(1);
    return [before, workflow.info().searchAttributes.get(key)];
  }
}

@workflow.defn()
export class Repeats {
  @workflow.run
  async run(): Promise<number> {
    const last = workflow.hasLastCompletionResult() ? (workflow.lastCompletionResult<number>() ?? 0) : 0;
    const failure = workflow.lastFailure();
    if (last === 1 && failure === undefined) throw new ApplicationError("the second one fails");
    if (last === 1 && failure?.message !== "the second one fails") throw new ApplicationError("the failure was lost");
    return last + 1;
  }
}

/** Draws, has the service remember what it drew, and draws the same again in replay. */
@workflow.defn()
export class Draws {
  @workflow.run
  async run(): Promise<unknown> {
    const stream = workflow.newRandom();
    const drawn = {
      uuid4: workflow.uuid4(),
      uuid7: workflow.uuid7(),
      plain: Math.random(),
      crypto: crypto.randomUUID(),
      own: workflow.random().random(),
      stream: stream.random(),
      seed: workflow.randomSeed(),
      now: Date.now(),
      performance: performance.now(),
    };
    const remembered = await workflow.executeActivity(echo<typeof drawn>, { ...quick, args: [drawn] });
    await workflow.sleep(1);
    const isSame = Object.entries(drawn).every(([name, value]) => remembered[name as keyof typeof drawn] === value);
    const areDistinct = new Set(Object.values(drawn)).size === Object.keys(drawn).length;
    return {
      isSame,
      areDistinct,
      version4: drawn.uuid4[14],
      version7: drawn.uuid7[14],
      isLater: Date.now() > drawn.now,
    };
  }
}

@workflow.defn()
export class Details {
  #isDone = false;

  @workflow.run
  async run(): Promise<string> {
    workflow.setCurrentDetails("step **one**");
    await workflow.waitCondition(() => this.#isDone);
    return workflow.getCurrentDetails();
  }

  @workflow.signal
  finish(): void {
    workflow.setCurrentDetails(`${workflow.getCurrentDetails()}, then two`);
    this.#isDone = true;
  }
}

@workflow.defn()
export class Flags {
  @workflow.run
  async run(): Promise<unknown> {
    const { unsafe } = workflow;
    const first = {
      readOnly: unsafe.isReadOnly(),
      sandbox: unsafe.inSandbox(),
      unrestricted: unsafe.sandboxUnrestricted(() => 5),
    };
    workflow.logger.info("logs with the workflow's name");
    workflow.metricMeter().createCounter("scenario_runs", {}).add(1);
    await workflow.sleep(1);
    return { ...first, isLive: !unsafe.isReplaying() && !unsafe.isReplayingHistoryEvents() };
  }

  @workflow.query
  isReadOnly(): boolean {
    return workflow.unsafe.isReadOnly();
  }
}

@workflow.defn()
export class Groups {
  #isDone = false;

  @workflow.run
  async run(): Promise<void> {
    await workflow.sleep(1, { summary: "in none" });
    const outer = workflow.createEventGroup("outer", { label: "Outer" });
    const inner = workflow.createEventGroup("inner");
    await outer.run(async () => {
      await workflow.sleep(1, { eventGroups: [inner] });
      await inner.run(() => workflow.executeActivity(echo, { args: [1], ...quick }));
      await workflow.executeLocalActivity(echo, { args: [2], ...quick });
      workflow.upsertMemo({ a: 1 });
    });
    await workflow.waitCondition(() => this.#isDone);
  }

  @workflow.signal
  async nap(): Promise<void> {
    await workflow.createEventGroup("nap").run(() => workflow.sleep(1));
  }

  @workflow.update
  async finish(): Promise<void> {
    await workflow.sleep(1);
    this.#isDone = true;
  }
}
