import { defn, definitionOf, info, payloadConverter, type ActivityFunction } from "../activity/index.ts";
import { ApplicationError } from "../payload/failure-error.ts";
import type { RawValue } from "../payload/payload-converter.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- Only `any` takes functions of all parameters.
type AnyFunction = (...args: any[]) => unknown;

/** Stand-ins by the names of activities: each takes what the activity takes and may answer at once. */
export type ActivityMocks<T> = {
  readonly [Name in keyof T as T[Name] extends AnyFunction ? Name : never]?: T[Name] extends (
    ...args: infer Args
  ) => infer Result
    ? (...args: Args) => Awaited<Result> | Promise<Awaited<Result>>
    : never;
};

/** What {@link mockActivities} makes. */
export interface MockedActivities<T> {
  /** Give these to the worker as its activities. */
  readonly activities: object;
  /** The arguments of the calls so far, retries included, by the names of activities. */
  readonly calls: {
    readonly [Name in keyof T as T[Name] extends AnyFunction ? Name : never]: T[Name] extends (
      ...args: infer Args
    ) => unknown
      ? readonly Readonly<Args>[]
      : never;
  };
  /** Takes other stand-ins from now on for those that are named. */
  set(mocks: ActivityMocks<T>): void;
  /** Forgets the calls. */
  clearCalls(): void;
}

type Mock = (...args: unknown[]) => unknown;

/**
 * Makes stand-ins for activities, typed by the real ones: `mockActivities<typeof activities>({ charge: async () => "ok" })`.
 *
 * They may be functions of any test runner. An activity that has none fails for good, and says so by its name, instead
 * of being tried until a timeout.
 */
export function mockActivities<T extends object>(mocks: ActivityMocks<T>): MockedActivities<T> {
  const calls = new Map<string, unknown[][]>();
  let current: Readonly<Record<string, Mock | undefined>> = byActivityName(mocks);
  const run = (values: readonly RawValue[]): unknown => {
    const { activityType } = info();
    const mock = current[activityType];
    if (mock === undefined) {
      throw new ApplicationError(
        `Cannot run activity "${activityType}": it has no mock, give one to "mockActivities"`,
        { type: "MissingMock", nonRetryable: true },
      );
    }
    const args = values.map(({ payload }) => payloadConverter().fromPayload(payload));
    calls.set(activityType, [...(calls.get(activityType) ?? []), args]);
    return mock(...args);
  };
  return {
    activities: { run: defn({ dynamic: true })(run as ActivityFunction) },
    calls: new Proxy({}, { get: (_target, name) => calls.get(String(name)) ?? [] }) as MockedActivities<T>["calls"],
    set: (more) => {
      current = { ...current, ...byActivityName(more) };
    },
    clearCalls: () => calls.clear(),
  };
}

function byActivityName(mocks: object): Record<string, Mock> {
  const named = Object.entries(mocks as Record<string, Mock | undefined>).flatMap(([key, mock]) =>
    mock === undefined ? [] : [[definitionOf(mock)?.name ?? key, mock] as const],
  );
  return Object.fromEntries(named);
}
