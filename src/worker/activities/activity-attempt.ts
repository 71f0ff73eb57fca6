import { setMaxListeners } from "node:events";
import {
  currentActivity,
  runInActivity,
  toCancellationDetails,
  type ActivityCancellationDetails,
  type ActivityContext,
  type ActivityInfo,
} from "../../activity/index.ts";
import { withAttributes } from "../../core/telemetry/logger.ts";
import type { DataConverter } from "../../payload/data-converter.ts";
import { ApplicationError, CancelledError } from "../../payload/failure-error.ts";
import { decodeArgsWithAsync } from "../../payload/schema.ts";
import type { Payload } from "../../proto/gen/common.ts";
import type { ActivityInboundInterceptor } from "../interceptor.ts";
import type { ActivityHost } from "./activity-host.ts";
import { toActivityInfo, toLogAttributes, toSerializationContext, toStorageTarget } from "./activity-info.ts";
import { toOutcome, type ActivityOutcome } from "./activity-outcome.ts";
import type { RegisteredActivity } from "./activity-registry.ts";
import type { ActivityTask } from "./activity-task.ts";

/** One attempt of an activity as it runs. */
export class ActivityAttempt {
  readonly #host: ActivityHost;
  readonly #dataConverter: DataConverter;
  readonly #task: ActivityTask;
  readonly #recordHeartbeat: (details: readonly Payload[]) => void;
  /** Made when it is first asked for: most activities never look at it. */
  #cancelling: AbortController | undefined;
  #cancellationDetails: ActivityCancellationDetails | undefined;
  #heartbeatError: unknown;
  #isDone = false;

  constructor(host: ActivityHost, task: ActivityTask, recordHeartbeat: (details: readonly Payload[]) => void) {
    this.#host = host;
    this.#dataConverter = host.dataConverter
      .withContext(toSerializationContext(task, host))
      .forTarget(toStorageTarget(task, host));
    this.#task = task;
    this.#recordHeartbeat = recordHeartbeat;
  }

  /** Why the attempt was asked to stop, once it was. */
  get cancellationDetails(): ActivityCancellationDetails | undefined {
    return this.#cancellationDetails;
  }

  /** Asks the activity to stop. Only the first call counts. */
  cancel(reasons: Partial<ActivityCancellationDetails>): void {
    if (this.#isDone || this.#cancellationDetails !== undefined) return;
    this.#cancellationDetails = toCancellationDetails(reasons);
    this.#abort();
  }

  /** Asks the activity to stop because its heartbeat cannot be sent as it is; then the error is what came of it. */
  failHeartbeat(error: unknown): void {
    if (this.#isDone || this.#cancellationDetails !== undefined) return;
    this.#heartbeatError ??= error;
    this.#abort();
  }

  /** Runs the activity and says what came of it. Call it once; never rejects. */
  async run(): Promise<ActivityOutcome> {
    const { logger } = this.#host;
    const dataConverter = this.#dataConverter;
    const task = this.#task;
    let result: unknown;
    try {
      result = await this.#execute();
      const payloads = await dataConverter.encode([result]);
      return { status: "completed", result: payloads };
    } catch (error) {
      return await toOutcome(error, {
        cancellationDetails: this.#cancellationDetails,
        heartbeatError: this.#heartbeatError,
        dataConverter,
        logger: withAttributes(logger, () => toLogAttributes(task, this.#host)),
      });
    } finally {
      this.#isDone = true;
    }
  }

  async #execute(): Promise<unknown> {
    const { registry, interceptors } = this.#host;
    const task = this.#task;
    const activity = registry.find(task.activityType);
    if (activity === undefined) throw this.#notRegistered();
    const args = await this.#decodeArguments(activity);
    const info = await this.#createInfo();
    const outbound = { info: () => info, heartbeat: (details: readonly unknown[]) => this.#heartbeat(details) };
    const fn = this.#functionOf(activity);
    if (interceptors.length === 0) {
      return runInActivity(this.#createContext(outbound), () => fn(...args));
    }
    let context = this.#createContext(outbound);
    let inbound: ActivityInboundInterceptor = {
      init: (wrapped) => {
        context = this.#createContext(wrapped);
      },
      execute: async (input) => runInActivity(context, () => input.fn(...input.args)),
    };
    for (const interceptor of interceptors.toReversed()) {
      inbound = interceptor.interceptActivity?.(inbound) ?? inbound;
    }
    inbound.init(outbound);
    const headers = await this.#readHeaders();
    return runInActivity(context, () => inbound.execute({ fn, args, headers }));
  }

  /** What runs the activity: itself, or the pool that has it. */
  #functionOf({ run, placed }: RegisteredActivity): RegisteredActivity["run"] {
    const pool = placed && this.#host.pools?.get(placed.activities);
    return pool === undefined || placed === undefined
      ? run
      : (...args) => pool.run(placed.exportName, args, currentActivity());
  }

  async #decodeArguments(activity: RegisteredActivity): Promise<readonly unknown[]> {
    const dataConverter = this.#dataConverter;
    const { input } = this.#task;
    try {
      if (activity.isDynamic) return [await dataConverter.decodeRaw(input)];
      const args = input.length === 0 ? [] : await dataConverter.decode(input);
      const schemas = activity.schemas?.args;
      return schemas === undefined
        ? args
        : await decodeArgsWithAsync(schemas, args, `activity "${this.#task.activityType}"`);
    } catch (cause) {
      // It says for itself whether another attempt can help.
      if (cause instanceof ApplicationError) throw cause;
      throw new ApplicationError("Failed decoding arguments", { cause });
    }
  }

  async #readHeaders(): Promise<ActivityTask["headers"]> {
    const { headers } = this.#task;
    if (!this.#host.decodesHeaders) return headers;
    const decoded = Object.entries(headers).map(async ([name, payload]) => {
      return [name, (await this.#dataConverter.decodePayloads([payload]))[0] ?? payload] as const;
    });
    return Object.fromEntries(await Promise.all(decoded));
  }

  async #createInfo(): Promise<ActivityInfo> {
    const dataConverter = this.#dataConverter;
    const { heartbeatDetails } = this.#task;
    let details: readonly unknown[];
    try {
      details = heartbeatDetails.length === 0 ? [] : await dataConverter.decode(heartbeatDetails);
    } catch (cause) {
      throw new ApplicationError("Failed decoding heartbeat details", { nonRetryable: true, cause });
    }
    return toActivityInfo(this.#task, details, this.#host);
  }

  #createContext(outbound: { info(): ActivityInfo; heartbeat(details: readonly unknown[]): void }): ActivityContext {
    const { logger, handlerLogger = logger, metricMeter, clock, client, workerShutdownSignal } = this.#host;
    const { namespace, taskQueue } = this.#host;
    const task = this.#task;
    const details = (): ActivityCancellationDetails | undefined => this.#cancellationDetails;
    const signal = (): AbortSignal => this.#controller().signal;
    let meter: ActivityContext["metricMeter"] | undefined;
    return {
      info: () => outbound.info(),
      heartbeat: (values) => outbound.heartbeat(values),
      get cancellationSignal() {
        return signal();
      },
      get cancellationDetails() {
        return details();
      },
      workerShutdownSignal,
      logger: withAttributes(handlerLogger, () => toLogAttributes(task, { namespace, taskQueue })),
      get metricMeter() {
        meter ??= metricMeter.withAttributes({ namespace, task_queue: taskQueue, activity_type: task.activityType });
        return meter;
      },
      clock,
      payloadConverter: this.#dataConverter.payloadConverter,
      client,
    };
  }

  #abort(): void {
    this.#controller().abort(new CancelledError("Activity cancelled"));
  }

  #controller(): AbortController {
    if (this.#cancelling === undefined) {
      this.#cancelling = new AbortController();
      // User code may wait in as many places as it likes.
      setMaxListeners(0, this.#cancelling.signal);
    }
    return this.#cancelling;
  }

  #heartbeat(details: readonly unknown[]): void {
    if (this.#isDone || this.#task.isLocal) return;
    // Converted at once: what is sent later must be what was told, whatever becomes of the objects.
    this.#recordHeartbeat(this.#dataConverter.payloadConverter.toPayloads(details));
  }

  #notRegistered(): Error {
    const { activityType, workflow } = this.#task;
    const names = this.#host.registry.names.join(", ");
    const place = workflow === undefined ? "" : ` for workflow ${workflow.workflowId}`;
    return new ApplicationError(
      `Activity function ${activityType}${place} is not registered on this worker, available activities: ${names}`,
      { type: "NotFoundError" },
    );
  }
}
