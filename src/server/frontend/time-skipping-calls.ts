import { durationMs, timestampMs, toTimestamp } from "../../core/execution/duration.ts";
import { TestService } from "../../proto/gen/testservice.ts";
import type { IncomingCall } from "../../rpc/transport.ts";
import { failedPrecondition } from "../failures.ts";
import type { Services } from "../services.ts";
import type { TimeSkipping } from "../time/time-skipping.ts";
import { serve, type CallRow } from "./calls.ts";

/** Temporal's test service, which only a server that may skip time has. */
export function timeSkippingCalls({ timeSkipping }: Services): readonly CallRow[] {
  if (timeSkipping === undefined) return [];
  const { methods } = TestService;
  const sleepUntil = async (atMs: number, { signal }: IncomingCall): Promise<object> => {
    await timeSkipping.sleepUntil(atMs, signal);
    return {};
  };
  return [
    serve(methods.LockTimeSkipping, () => {
      timeSkipping.lock();
      return {};
    }),
    serve(methods.UnlockTimeSkipping, () => {
      unlock(timeSkipping);
      return {};
    }),
    serve(methods.Sleep, ({ duration }, call) => sleepUntil(timeSkipping.clock.now() + durationMs(duration), call)),
    serve(methods.SleepUntil, ({ timestamp }, call) => sleepUntil(timestampMs(timestamp), call)),
    serve(methods.UnlockTimeSkippingWithSleep, async ({ duration }, call) => {
      const atMs = timeSkipping.clock.now() + durationMs(duration);
      unlock(timeSkipping);
      try {
        return await sleepUntil(atMs, call);
      } finally {
        timeSkipping.lock();
      }
    }),
    serve(methods.GetCurrentTime, () => ({ time: toTimestamp(timeSkipping.clock.now()) })),
  ];
}

function unlock(timeSkipping: TimeSkipping): void {
  if (timeSkipping.unlock()) return;
  throw failedPrecondition("Cannot unlock time skipping: it is not locked, lock it as often as it is unlocked");
}
