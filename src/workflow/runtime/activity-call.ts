import type {
  ActivityResolution,
  Resolution,
  ScheduledActivity,
  WorkflowCommand,
} from "../../core/replay/activation.ts";
import { toPriorityMessage } from "../../core/options/priority.ts";
import { toRetryPolicyMessage } from "../../core/options/retry-policy.ts";
import { CancelledError } from "../../payload/failure-error.ts";
import { decodeWith, SchemaError } from "../../payload/schema.ts";
import { inContext, type SerializationContext } from "../../payload/serialization-context.ts";
import type { Payload } from "../../proto/gen/common.ts";
import type {
  ActivityHandle,
  CommonActivityOptions,
  StartActivityInput,
  StartLocalActivityInput,
} from "../activity-options.ts";
import { WorkflowUsageError } from "../workflow-error.ts";
import { keepsBuildId, toOptionalMs } from "./continue-as-new.ts";
import { writableFrame } from "./current.ts";
import { fromFailure } from "./failures.ts";
import { Operation, rejected } from "./operation.ts";
import type { PendingActivity } from "./pending.ts";
import type { Run } from "./run.ts";
import { startDetachedTimer } from "./timer.ts";
import { toUserMetadata } from "./user-metadata.ts";

type Backoff = Extract<ActivityResolution, { status: "backoff" }>;

/** How one sort of activity is asked for. */
interface ActivityKind {
  readonly isLocal: boolean;
  readonly taskQueue: string;
  schedule(seq: number, activity: ScheduledActivity, backoff: Backoff | undefined): WorkflowCommand;
  cancel(seq: number): WorkflowCommand;
}

/** Schedules an activity with the task queue's workers. */
export function scheduleActivity(input: StartActivityInput): ActivityHandle<unknown> {
  const { run } = writableFrame("start an activity");
  const { options } = input;
  const taskQueue = options.taskQueue ?? run.init.taskQueue;
  return startCall(run, input, {
    isLocal: false,
    taskQueue,
    schedule: (seq, activity) => ({
      kind: "scheduleActivity",
      seq,
      activity,
      taskQueue,
      heartbeatTimeoutMs: toOptionalMs(options.heartbeatTimeout),
      requestEagerExecution: run.settings.eagerActivities && taskQueue === run.init.taskQueue,
      useWorkflowBuildId: keepsBuildId(run, options.versioningIntent, options.taskQueue),
      priority: options.priority === undefined ? undefined : toPriorityMessage(options.priority),
      userMetadata: toUserMetadata(run.settings.payloadConverter, options.summary),
    }),
    cancel: (seq) => ({ kind: "requestCancelActivity", seq }),
  });
}

/** Schedules an activity with this very worker. */
export function scheduleLocalActivity(input: StartLocalActivityInput): ActivityHandle<unknown> {
  const { run } = writableFrame("start a local activity");
  const { options } = input;
  // In replay its marker may tell how it ended, which needs no activity.
  if (!run.facts.isReplaying) checkRegistered(run, input.activity);
  return startCall(run, input, {
    isLocal: true,
    taskQueue: run.init.taskQueue,
    schedule: (seq, activity, backoff) => ({
      kind: "scheduleLocalActivity",
      seq,
      activity,
      attempt: backoff?.attempt ?? 1,
      originalScheduleTimeMs: backoff?.originalScheduleTimeMs,
      localRetryThresholdMs: toOptionalMs(options.localRetryThreshold),
      userMetadata: toUserMetadata(run.settings.payloadConverter, options.summary),
    }),
    cancel: (seq) => ({ kind: "requestCancelLocalActivity", seq }),
  });
}

/** Fails the task, so that a worker that knows the activity can go on. */
function checkRegistered({ settings: { localActivityTypes: types } }: Run, activity: string): void {
  if (types === undefined || types.includes(activity)) return;
  const found = types.length === 0 ? "no available activities" : `available activities: ${types.join(", ")}`;
  throw new WorkflowUsageError(`Activity function ${activity} is not registered on this worker, ${found}`);
}

function startCall(
  run: Run,
  input: StartActivityInput | StartLocalActivityInput,
  kind: ActivityKind,
): ActivityHandle<unknown> {
  const { scope } = writableFrame("start an activity");
  checkTimeouts(input);
  const cancelled = scope.takeUndelivered();
  if (cancelled !== undefined) return toHandle(rejected(cancelled), input.options.activityId ?? "", () => undefined);
  const call = new ActivityCall(run, input, kind);
  call.schedule(undefined);
  return toHandle(call.operation.promise, call.activityId, () => {
    run.assertWritable("cancel an activity");
    call.requestCancel();
  });
}

function toHandle(promise: Promise<unknown>, activityId: string, cancel: () => void): ActivityHandle<unknown> {
  return Object.assign(promise, { activityId, cancel });
}

function checkTimeouts({
  activity,
  options,
}: {
  readonly activity: string;
  readonly options: CommonActivityOptions;
}): void {
  if (options.startToCloseTimeout !== undefined || options.scheduleToCloseTimeout !== undefined) return;
  throw new WorkflowUsageError(
    `Cannot start activity "${activity}": found neither startToCloseTimeout nor scheduleToCloseTimeout, expected one of them`,
  );
}

/** An activity from its command to its end, over all the local retries that the workflow waits for. */
class ActivityCall implements PendingActivity {
  readonly operation: Operation<unknown>;
  readonly #run: Run;
  readonly #input: StartActivityInput | StartLocalActivityInput;
  readonly #kind: ActivityKind;
  readonly #context: SerializationContext;
  readonly #arguments: readonly Payload[];
  readonly #groups: Run["eventGroupMarkers"];
  #seq: number;
  #isCancelRequested = false;
  #stopBackoff: (() => void) | undefined;

  constructor(run: Run, input: StartActivityInput | StartLocalActivityInput, kind: ActivityKind) {
    const { scope } = writableFrame("start an activity");
    this.#run = run;
    this.#input = input;
    this.#kind = kind;
    this.#groups = run.eventGroupMarkers;
    this.#context = {
      kind: "activity",
      namespace: run.init.namespace,
      workflowId: run.init.workflowId,
      workflowType: run.init.workflowType,
      activityId: input.options.activityId,
      activityType: input.activity,
      taskQueue: kind.taskQueue,
      isLocal: kind.isLocal,
    };
    // Before the number is taken: arguments that cannot be converted leave no gap.
    this.#arguments = inContext(run.settings.payloadConverter, this.#context).toPayloads(input.args);
    this.#seq = run.activities.next();
    this.operation = new Operation(scope, () => this.requestCancel());
  }

  get trace(): PendingActivity["trace"] {
    return this.operation.trace;
  }

  get activityId(): string {
    return this.#input.options.activityId ?? String(this.#seq);
  }

  schedule(backoff: Backoff | undefined): void {
    const { options, activity, headers } = this.#input;
    const scheduled: ScheduledActivity = {
      activityId: this.activityId,
      activityType: activity,
      arguments: this.#arguments,
      headers,
      scheduleToCloseTimeoutMs: toOptionalMs(options.scheduleToCloseTimeout),
      scheduleToStartTimeoutMs: toOptionalMs(options.scheduleToStartTimeout),
      startToCloseTimeoutMs: toOptionalMs(options.startToCloseTimeout),
      retryPolicy: options.retryPolicy === undefined ? undefined : toRetryPolicyMessage(options.retryPolicy),
      cancellationType: options.cancellationType ?? "tryCancel",
    };
    this.#run.push(this.#kind.schedule(this.#seq, scheduled, backoff), this.#groups);
    this.#run.activities.set(this.#seq, this);
  }

  /** Asks for the cancellation; the answer comes as a resolution. */
  requestCancel(): void {
    if (this.operation.isEnded || this.#isCancelRequested) return;
    this.#isCancelRequested = true;
    if (this.#stopBackoff !== undefined) this.#stopBackoff();
    else this.#run.push(this.#kind.cancel(this.#seq));
  }

  resolve(result: ActivityResolution): void {
    if (result.status === "backoff") this.#backOff(result);
    else settle(this.#run, this.operation, result, this.#context, this.#resultReader());
  }

  #resultReader(): ((value: unknown) => unknown) | undefined {
    const { activity, options } = this.#input;
    const { resultSchema } = options;
    if (resultSchema === undefined) return undefined;
    return (value) => decodeWith(resultSchema, value, `the result of activity "${activity}"`);
  }

  /** The wait before the next try is the workflow's own, and is cancelled like any of its waits. */
  #backOff(backoff: Backoff): void {
    this.#seq = this.#run.activities.next();
    const stopTimer = startDetachedTimer(this.#run, backoff.backoffMs, () => {
      this.#stopBackoff = undefined;
      this.schedule(backoff);
    });
    this.#stopBackoff = () => {
      stopTimer();
      this.operation.fail(new CancelledError("Cancelled while waiting to retry a local activity"));
    };
    if (this.#isCancelRequested) this.#stopBackoff();
  }
}

/** Ends an operation as the service says it ended. */
export function settle(
  run: Run,
  operation: Operation<unknown>,
  result: Resolution,
  context: SerializationContext,
  read?: (value: unknown) => unknown,
): void {
  if (result.status !== "completed") return operation.fail(fromFailure(run, result.failure, context));
  try {
    const converter = inContext(run.settings.payloadConverter, context);
    const value = result.result === undefined ? undefined : converter.fromPayload(result.result);
    operation.complete(read === undefined ? value : read(value));
  } catch (error) {
    if (error instanceof SchemaError) run.failTask(error);
    operation.fail(error);
  }
}
