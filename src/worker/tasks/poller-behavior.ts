/** How many polls of one kind a worker keeps open at once. */
export type PollerBehavior =
  /** Up to a constant number, as free slots allow. */
  | { readonly kind: "simpleMaximum"; /** @default 5 */ readonly maximum: number }
  /** As many as the service suggests. */
  | {
      readonly kind: "autoscaling";
      /** @default 1 */
      readonly minimum?: number;
      /** @default 100 */
      readonly maximum?: number;
      /** @default 5 */
      readonly initial?: number;
    };

/** The behaviour of pollers when nothing is said. */
export const defaultPollerBehavior: PollerBehavior = { kind: "simpleMaximum", maximum: 5 };

/** Says what is wrong with a behaviour; `undefined` when nothing is. */
export function pollerBehaviorFault(behavior: PollerBehavior): string | undefined {
  const { minimum, maximum, initial } = pollerLimits(behavior);
  for (const [name, value] of Object.entries({ minimum, maximum, initial })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      return `${name} is ${value}, expected a positive integer`;
    }
  }
  if (minimum > maximum) return `minimum ${minimum} is greater than maximum ${maximum}`;
  if (initial < minimum || initial > maximum) {
    return `initial ${initial} is not between minimum ${minimum} and maximum ${maximum}`;
  }
  return undefined;
}

/** Numbers of polls that a behaviour allows. */
export interface PollerLimits {
  readonly minimum: number;
  readonly maximum: number;
  readonly initial: number;
}

/** The limits with defaults filled in. */
export function pollerLimits(behavior: PollerBehavior): PollerLimits {
  switch (behavior.kind) {
    case "simpleMaximum":
      return { minimum: 1, maximum: behavior.maximum, initial: behavior.maximum };
    case "autoscaling":
      return {
        minimum: behavior.minimum ?? 1,
        maximum: behavior.maximum ?? 100,
        initial: behavior.initial ?? 5,
      };
  }
}
