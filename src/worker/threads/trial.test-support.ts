import type { ThreadContext, ThreadService } from "./thread-service.ts";

interface Init {
  readonly greeting: string;
}

/** A service for tests of the pools: each method shows one thing that a thread may do. */
export function createService(init: unknown, context: ThreadContext): ThreadService {
  const { greeting } = init as Init;
  let calls = 0;
  const kept: string[][] = [];
  return {
    greet: (name: string): string => `${greeting}, ${name}`,
    count: (): number => ++calls,
    length: (bytes: Uint8Array): number => bytes.length,
    askHost: (method: string, value: number): Promise<unknown> => context.call(method, value),
    tellHost: (method: string, value: number): void => context.notify(method, value),
    fail(): never {
      throw Object.assign(new Error("it failed"), { code: "TEMPORAL_TRIAL" });
    },
    wait: (): Promise<never> => new Promise(() => undefined),
    loop(runId: string): void {
      context.guard(runId, function spin() {
        for (;;) calls++;
      });
    },
    exhaust(runId: string): void {
      context.guard(runId, () => {
        for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => `item ${index} of ${kept.length}`));
      });
    },
    crash(): void {
      setImmediate(() => {
        throw new Error("crashed on purpose");
      });
    },
    closing: (): Promise<unknown> => context.call("closed"),
  };
}
