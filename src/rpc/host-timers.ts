/**
 * The host's timers as they were when this package was loaded.
 *
 * Test runners replace the global ones by fakes that stand still. What a test does to its own time must not stop a server
 * or a worker that it uses.
 */
export const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate, queueMicrotask } =
  globalThis;

const { Date: HostDate } = globalThis;

/** Milliseconds since the epoch, whatever a test has made of `Date`. */
export function hostNowMs(): number {
  return HostDate.now();
}

/** Milliseconds on a clock that only goes forward, with a fraction; where it begins means nothing. */
export const hostTickMs: () => number = performance.now.bind(performance);
