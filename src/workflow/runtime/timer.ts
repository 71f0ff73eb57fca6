import type { UserMetadata } from "../../proto/gen/sdk.ts";
import { Operation } from "./operation.ts";
import type { Run } from "./run.ts";
import type { Scope } from "./scope.ts";
import { captureTrace } from "./trace.ts";

/** What a timer may be told besides its length. */
export interface TimerOptions {
  /** What cancels it. */
  readonly scope: Scope;
  readonly userMetadata: UserMetadata | undefined;
}

/** The service knows no timer of no time. */
const DURATION_MS_MIN = 1;

/** Waits so long. */
export function startTimer(run: Run, durationMs: number, { scope, userMetadata }: TimerOptions): Promise<void> {
  const seq = pushStart(run, durationMs, userMetadata);
  const operation = new Operation<void>(scope, (error) => {
    stopTimer(run, seq);
    operation.fail(error);
  });
  run.timers.set(seq, { trace: operation.trace, fire: () => operation.complete() });
  return operation.promise;
}

/** Starts a timer that no scope cancels; answers with what stops it. */
export function startDetachedTimer(
  run: Run,
  durationMs: number,
  onFire: () => void,
  userMetadata?: UserMetadata,
): () => void {
  const seq = pushStart(run, durationMs, userMetadata);
  run.timers.set(seq, { trace: captureTrace(), fire: onFire });
  return () => stopTimer(run, seq);
}

function pushStart(run: Run, durationMs: number, userMetadata: UserMetadata | undefined): number {
  run.assertWritable("start a timer");
  const seq = run.timers.next();
  run.push({ kind: "startTimer", seq, durationMs: Math.max(DURATION_MS_MIN, Math.ceil(durationMs)), userMetadata });
  return seq;
}

function stopTimer(run: Run, seq: number): void {
  if (run.timers.take(seq) !== undefined) run.push({ kind: "cancelTimer", seq });
}
