import type { ScheduleActivityTaskCommandAttributes } from "../../../proto/gen/command.ts";
import type { Duration } from "../../../proto/gen/google/protobuf.ts";
import { cappedDuration, durationFault } from "../command/check.ts";
import { durationMs, toDuration } from "../duration.ts";

type Timeouts = Pick<
  ScheduleActivityTaskCommandAttributes,
  "scheduleToCloseTimeout" | "scheduleToStartTimeout" | "startToCloseTimeout" | "heartbeatTimeout"
>;

/** Deduces the timeouts that are not set from those that are, none longer than the run's; a string says what is wrong. */
export function activityTimeouts(asked: Timeouts, runMs: number, who: string): Timeouts | string {
  const named: readonly (readonly [string, Duration | undefined])[] = [
    ["ScheduleToCloseTimeout", asked.scheduleToCloseTimeout],
    ["ScheduleToStartTimeout", asked.scheduleToStartTimeout],
    ["StartToCloseTimeout", asked.startToCloseTimeout],
    ["HeartbeatTimeout", asked.heartbeatTimeout],
  ];
  for (const [name, value] of named) {
    const wrong = durationFault(value);
    if (wrong !== undefined) return `invalid ${name}: ${wrong}`;
  }
  const [close = 0, start = 0, attempt = 0, beat = 0] = named.map(([, value]) => durationMs(cappedDuration(value)));
  if (close === 0 && attempt === 0)
    return `a valid StartToCloseTimeout or ScheduleToCloseTimeout must be set on the activity. ${who}`;
  const whole = close || runMs;
  const capped = (ms: number): number => (runMs > 0 ? Math.min(ms, runMs) : ms);
  const startToCloseMs = capped(close === 0 ? attempt : Math.min(attempt || close, close));
  return {
    scheduleToCloseTimeout: toDuration(capped(whole)),
    scheduleToStartTimeout: toDuration(capped(close === 0 ? start || runMs : Math.min(start || close, close))),
    startToCloseTimeout: toDuration(startToCloseMs),
    heartbeatTimeout: toDuration(Math.min(capped(beat), startToCloseMs)),
  };
}
