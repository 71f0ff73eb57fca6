import type { Clock } from "../core/time/clock.ts";

/** What is worked out, or "late" if that takes longer; it goes on then, and how it ends is nobody's concern. */
export async function within<T>(work: T | Promise<T>, timeoutMs: number, clock: Clock): Promise<T | "late"> {
  let cancel = (): void => undefined;
  const late = new Promise<"late">((resolve) => {
    cancel = clock.schedule(clock.now() + timeoutMs, () => resolve("late"));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
