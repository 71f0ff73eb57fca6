import { array, boolean, constant, constantFrom, integer, oneof, record, type Arbitrary } from "fast-check";
import type { WorkflowHandle } from "../client/index.ts";
import type { Duration } from "../core/time/duration.ts";
import { ApplicationError } from "../payload/failure-error.ts";

/** Something that a scenario sends to a workflow. */
export interface Message {
  readonly kind: "signal" | "update";
  /** Wire name of the handler. */
  readonly name: string;
  readonly args: readonly unknown[];
  /** Pause before it, in milliseconds. */
  readonly afterMs: number;
}

/** Which messages {@link messages} makes. */
export interface MessagesOptions {
  /** Arguments of signals by the names of their handlers. @default none */
  readonly signals?: Readonly<Record<string, Arbitrary<readonly unknown[]>>>;
  /** Arguments of updates by the names of their handlers. @default none */
  readonly updates?: Readonly<Record<string, Arbitrary<readonly unknown[]>>>;
  /** @default 10 */
  readonly countMax?: number;
  /** Longest pause before a message, in milliseconds. Half of them follow without one. @default 60000 */
  readonly pauseMaxMs?: number;
}

/** Arbitrary sequences of signals and updates, which fast-check shrinks to few without pauses. */
export function messages(options: MessagesOptions): Arbitrary<readonly Message[]> {
  const { signals = {}, updates = {}, countMax = 10, pauseMaxMs = 60_000 } = options;
  const afterMs = oneof(constant(0), integer({ min: 0, max: pauseMaxMs }));
  const ofKind = (kind: Message["kind"], handlers: MessagesOptions["signals"] = {}): Arbitrary<Message>[] =>
    Object.entries(handlers).map(([name, args]) =>
      record({ kind: constant(kind), name: constant(name), args, afterMs }),
    );
  return array(oneof(...ofKind("signal", signals), ...ofKind("update", updates)), { maxLength: countMax });
}

/**
 * Sends messages in their order, with their pauses, and waits until all updates have ended.
 *
 * @param sleep Of the simulation.
 * @returns How each ended: the answers of updates, and what was refused.
 */
export async function sendMessages(
  handle: Pick<WorkflowHandle, "signal" | "executeUpdate">,
  sent: readonly Message[],
  sleep: (duration: Duration) => Promise<void>,
): Promise<readonly PromiseSettledResult<unknown>[]> {
  const answers: Promise<unknown>[] = [];
  for (const { kind, name, args, afterMs } of sent) {
    if (afterMs > 0) await sleep(afterMs);
    answers.push(kind === "signal" ? handle.signal(name, ...args) : handle.executeUpdate(name, { args: [...args] }));
    // It is waited for below, when others may have been sent.
    answers.at(-1)?.catch(() => undefined);
  }
  return Promise.allSettled(answers);
}

/** What an attempt of an activity does. */
export type ActivityOutcome<Result> =
  | { readonly kind: "returns"; readonly value: Result }
  | { readonly kind: "fails"; readonly type: string; readonly nonRetryable: boolean }
  | { readonly kind: "hangs" };

/** Which outcomes {@link activityOutcomes} makes. */
export interface ActivityOutcomesOptions {
  /** Attempts at most that have an outcome of their own. @default 5 */
  readonly countMax?: number;
  /** Types of failures. @default ["Arbitrary"] */
  readonly failureTypes?: readonly string[];
  /** Whether failures may forbid another attempt. @default false */
  readonly nonRetryable?: boolean;
}

/** Arbitrary outcomes of attempts, which fast-check shrinks to few that return. */
export function activityOutcomes<Result>(
  value: Arbitrary<Result>,
  { countMax = 5, failureTypes = ["Arbitrary"], nonRetryable = false }: ActivityOutcomesOptions = {},
): Arbitrary<readonly ActivityOutcome<Result>[]> {
  const outcome = oneof(
    record({ kind: constant("returns" as const), value }),
    record({
      kind: constant("fails" as const),
      type: constantFrom(...failureTypes),
      nonRetryable: nonRetryable ? boolean() : constant(false),
    }),
    record({ kind: constant("hangs" as const) }),
  );
  return array(outcome, { maxLength: countMax });
}

/**
 * An activity whose attempts end as they are told, in order.
 *
 * @param last What the attempts after these return.
 */
export function playOutcomes<Result>(
  outcomes: readonly ActivityOutcome<Result>[],
  last: Result,
): (...args: readonly unknown[]) => Promise<Result> {
  let next = 0;
  return async () => {
    const outcome = outcomes[next++];
    if (outcome === undefined) return last;
    if (outcome.kind === "returns") return outcome.value;
    if (outcome.kind === "hangs") return new Promise<never>(() => undefined);
    const { type, nonRetryable } = outcome;
    throw new ApplicationError(`attempt ${next} fails`, { type, nonRetryable });
  };
}
