import { expect, test } from "vitest";
import { ApplicationErrorCategory, RetryState, TimeoutType } from "../proto/gen/enums.ts";
import { Failure } from "../proto/gen/failure.ts";
import { DataConverter } from "./data-converter.ts";
import { defaultPayloadConverter } from "./default-converter.ts";
import { DefaultFailureConverter, defaultFailureConverter } from "./failure-converter.ts";
import {
  ApplicationError,
  CancelledError,
  FailureError,
  ServerError,
  TerminatedError,
  TimeoutError,
} from "./failure-error.ts";
import {
  ActivityError,
  ChildWorkflowError,
  isCancelledException,
  NexusHandlerError,
  NexusOperationError,
} from "./operation-error.ts";
import { chainCodecs, type PayloadCodec } from "./payload-codec.ts";
import { WaitTimeoutError } from "./wait-timeout-error.ts";

const toFailure = (error: unknown): Failure => defaultFailureConverter.toFailure(error, defaultPayloadConverter);
/** An error after a trip over the wire. */
const travelled = (error: unknown): Error =>
  defaultFailureConverter.fromFailure(Failure.decode(Failure.encode(toFailure(error))), defaultPayloadConverter);

test("every kind of failure arrives as the error it left as, with all it carries", () => {
  const application = travelled(
    new ApplicationError("broken", {
      type: "Broken",
      details: [1, { a: 2 }],
      nonRetryable: true,
      nextRetryDelay: "1.5s",
      category: ApplicationErrorCategory.BENIGN,
    }),
  );
  expect(application).toBeInstanceOf(ApplicationError);
  expect(application).toMatchObject({
    message: "broken",
    type: "Broken",
    details: [1, { a: 2 }],
    nonRetryable: true,
    nextRetryDelay: 1500,
    category: ApplicationErrorCategory.BENIGN,
  });
  expect(travelled(new CancelledError("stop", { details: ["x"] }))).toMatchObject({
    name: "CancelledError",
    details: ["x"],
  });
  expect(travelled(new TerminatedError("gone"))).toMatchObject({ name: "TerminatedError", message: "gone" });
  expect(travelled(new TimeoutError("late", { type: TimeoutType.HEARTBEAT, lastHeartbeatDetails: [3] }))).toMatchObject(
    { type: TimeoutType.HEARTBEAT, lastHeartbeatDetails: [3] },
  );
  expect(travelled(new ServerError("down", { nonRetryable: true }))).toMatchObject({
    name: "ServerError",
    nonRetryable: true,
  });
  const activity = {
    activityType: "t",
    activityId: "7",
    identity: "me",
    scheduledEventId: 5,
    startedEventId: 6,
    retryState: RetryState.TIMEOUT,
  };
  expect(travelled(new ActivityError("failed", activity))).toMatchObject({ name: "ActivityError", ...activity });
  const child = {
    namespace: "n",
    workflowId: "w",
    runId: "r",
    workflowType: "t",
    initiatedEventId: 1,
    startedEventId: 2,
    retryState: RetryState.IN_PROGRESS,
  };
  expect(travelled(new ChildWorkflowError("failed", child))).toMatchObject({ name: "ChildWorkflowError", ...child });
  const operation = { endpoint: "e", service: "s", operation: "o", operationToken: "tok", scheduledEventId: 4 };
  expect(travelled(new NexusOperationError("failed", operation))).toMatchObject({
    name: "NexusOperationError",
    ...operation,
  });
  expect(travelled(new NexusHandlerError("refused", { type: "BAD_REQUEST" }))).toMatchObject({
    name: "NexusHandlerError",
    type: "BAD_REQUEST",
  });
  expect(travelled(new FailureError("plain"))).toMatchObject({ name: "FailureError", message: "plain" });
});

test("other errors become application errors of their class's name", () => {
  class ValueError extends Error {}
  expect(travelled(new ValueError("bad"))).toMatchObject({ type: "ValueError", message: "bad", nonRetryable: false });
  expect(travelled(new TypeError("bad"))).toMatchObject({ type: "TypeError" });
  expect(travelled("just text")).toMatchObject({ type: "string", message: "just text" });
  expect(travelled({ code: 3 })).toMatchObject({ message: '{"code":3}' });
  expect(travelled(new WaitTimeoutError("late"))).toMatchObject({ name: "ApplicationError", type: "TimeoutError" });
});

test("causes arrive as a chain, however long, and one that is its own cause ends", () => {
  const error = new ApplicationError("outer", {
    cause: new TypeError("middle", { cause: new CancelledError("inner") }),
  });
  const arrived = travelled(error);
  expect([arrived.message, (arrived.cause as Error).message, ((arrived.cause as Error).cause as Error).name]).toEqual([
    "outer",
    "middle",
    "CancelledError",
  ]);
  const circle = new Error("again");
  circle.cause = circle;
  expect(travelled(circle).message).toBe("again");
});

test("a stack names where the error was thrown, and travels with it", () => {
  const failure = toFailure(new ApplicationError("here"));
  expect(failure.stackTrace).toMatch(/^\s+at .*failure-converter\.test\.ts/);
  expect(failure.source).toBe("Perdure");
  expect(travelled(new ApplicationError("here")).stack).toContain("failure-converter.test.ts");
});

test("an error that came as a failure goes on as that failure", () => {
  const failure = Failure.create({
    message: "from elsewhere",
    source: "GoSDK",
    stackTrace: "go stack",
    failureInfo: { case: "applicationFailureInfo", value: { type: "X" } },
  });
  const error = defaultFailureConverter.fromFailure(failure, defaultPayloadConverter);
  expect(toFailure(error)).toBe(failure);
  expect(Object.keys(error)).not.toContain("failure");
});

test("common attributes can be hidden in a payload, and are read from it", () => {
  const converter = new DefaultFailureConverter({ encodeCommonAttributes: true });
  const failure = converter.toFailure(
    new ApplicationError("secret", { cause: new Error("inner secret") }),
    defaultPayloadConverter,
  );
  expect([failure.message, failure.stackTrace, failure.cause?.message]).toEqual([
    "Encoded failure",
    "",
    "Encoded failure",
  ]);
  const error = defaultFailureConverter.fromFailure(failure, defaultPayloadConverter);
  expect([error.message, (error.cause as Error).message]).toEqual(["secret", "inner secret"]);
  const unreadable = {
    ...failure,
    encodedAttributes: { metadata: {}, data: new Uint8Array([1]), externalPayloads: [] },
  };
  expect(defaultFailureConverter.fromFailure(unreadable, defaultPayloadConverter).message).toBe("Encoded failure");
});

test("what was hidden in a failure stays hidden when its error is thrown on", () => {
  const converter = new DefaultFailureConverter({ encodeCommonAttributes: true });
  const failure = converter.toFailure(new ApplicationError("secret"), defaultPayloadConverter);
  const error = converter.fromFailure(failure, defaultPayloadConverter);
  expect(error.message).toBe("secret");
  expect(converter.toFailure(error, defaultPayloadConverter)).toEqual(failure);
  const open = toFailure(new ApplicationError("told openly", { cause: new Error("so was this") }));
  const thrownOn = converter.toFailure(travelled(new ApplicationError("told openly")), defaultPayloadConverter);
  expect([thrownOn.message, thrownOn.stackTrace]).toEqual(["Encoded failure", ""]);
  const wrapped = defaultFailureConverter.fromFailure(open, defaultPayloadConverter);
  expect(converter.toFailure(wrapped, defaultPayloadConverter).cause?.message).toBe("Encoded failure");
});

test("a subclass converts causes too", () => {
  class OwnError extends ApplicationError {}
  class OwnFailures extends DefaultFailureConverter {
    override toFailure(...[error, converter]: Parameters<DefaultFailureConverter["toFailure"]>): Failure {
      return { ...super.toFailure(error, converter), source: "Own" };
    }

    override fromFailure(...[failure, converter]: Parameters<DefaultFailureConverter["fromFailure"]>): Error {
      const error = super.fromFailure(failure, converter);
      return error instanceof ApplicationError ? new OwnError(error.message, { cause: error.cause }) : error;
    }
  }
  const converter = new OwnFailures();
  const thrown = new CancelledError("outer", { cause: new ApplicationError("inner", { cause: new Error("deep") }) });
  const failure = converter.toFailure(thrown, defaultPayloadConverter);
  expect([failure, failure.cause, failure.cause?.cause].map((one) => one?.source)).toEqual(["Own", "Own", "Own"]);
  const { cause } = converter.fromFailure(failure, defaultPayloadConverter);
  expect(cause).toBeInstanceOf(OwnError);
  expect((cause as Error).cause).toBeInstanceOf(OwnError);
});

test("a cancellation is known in whatever it comes wrapped in", () => {
  const activity = { activityType: "t", activityId: "1" };
  expect(isCancelledException(new CancelledError())).toBe(true);
  expect(isCancelledException(new ActivityError("x", { ...activity, cause: new CancelledError() }))).toBe(true);
  expect(isCancelledException(new ActivityError("x", { ...activity, cause: new TypeError() }))).toBe(false);
  expect(isCancelledException(new ApplicationError("x", { cause: new CancelledError() }))).toBe(false);
});

test("error classes are told by code, so those of another realm are the same", () => {
  const foreign = Object.assign(new Error("x"), { code: "TEMPORAL_FAILURE_ACTIVITY" });
  expect(foreign).toBeInstanceOf(ActivityError);
  expect(foreign).toBeInstanceOf(FailureError);
  expect(foreign).not.toBeInstanceOf(ApplicationError);
  expect(new WaitTimeoutError()).toBeInstanceOf(TimeoutError);
});

/** Adds a byte in front of all data. */
function shift(by: number): PayloadCodec {
  return {
    encode: async (payloads) =>
      payloads.map((payload) => ({ ...payload, data: new Uint8Array([by, ...payload.data]) })),
    decode: async (payloads) =>
      payloads.map((payload) => {
        if (payload.data[0] !== by) throw new Error(`expected ${by} in front`);
        return { ...payload, data: payload.data.slice(1) };
      }),
  };
}

test("a codec sees all payloads on their way out and back, those of failures too", async () => {
  const converter = new DataConverter({
    codec: chainCodecs(shift(1), shift(2)),
    failureConverter: new DefaultFailureConverter({ encodeCommonAttributes: true }),
  });
  const [payload] = await converter.encode(["x"]);
  expect([...(payload?.data ?? [])].slice(0, 2)).toEqual([2, 1]);
  expect(await converter.decode([payload as never])).toEqual(["x"]);
  const error = new ApplicationError("secret", {
    details: [{ card: 4 }],
    cause: new CancelledError("stop", { details: [1] }),
  });
  const failure = await converter.encodeFailure(error);
  expect(failure.encodedAttributes?.data[0]).toBe(2);
  expect(failure.cause?.encodedAttributes?.data[0]).toBe(2);
  const arrived = await converter.decodeFailure(failure);
  expect(arrived).toMatchObject({
    message: "secret",
    details: [{ card: 4 }],
    cause: { message: "stop", details: [1] },
  });
  expect(await converter.decodeFields(await converter.encodeFields({ a: 1, b: "two" }))).toEqual({ a: 1, b: "two" });
});

test("a data converter without a use for contexts is the same in all of them", () => {
  const converter = new DataConverter();
  expect(converter.withContext({ kind: "workflow", namespace: "n", workflowId: "w" })).toBe(converter);
  const aware: PayloadCodec = { ...shift(1), withContext: () => shift(2) };
  const other = new DataConverter({ codec: aware });
  expect(other.withContext({ kind: "workflow", namespace: "n", workflowId: "w" }).codec).not.toBe(aware);
});
