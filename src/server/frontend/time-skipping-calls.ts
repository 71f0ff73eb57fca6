import { durationMs, timestampMs, toTimestamp } from "../../core/execution/duration.ts";
import { TestService } from "../../proto/gen/testservice.ts";
import type { IncomingCall } from "../../rpc/transport.ts";
import type { Services } from "../services.ts";
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
      timeSkipping.unlock();
      return {};
    }),
    serve(methods.Sleep, ({ duration }, call) => sleepUntil(timeSkipping.clock.now() + durationMs(duration), call)),
    serve(methods.SleepUntil, ({ timestamp }, call) => sleepUntil(timestampMs(timestamp), call)),
    serve(methods.UnlockTimeSkippingWithSleep, async ({ duration }, { signal }) => {
      await timeSkipping.sleepUnlocked(timeSkipping.clock.now() + durationMs(duration), signal);
      return {};
    }),
    serve(methods.GetCurrentTime, () => ({ time: toTimestamp(timeSkipping.clock.now()) })),
  ];
}
