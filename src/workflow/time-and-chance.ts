import { currentRun, writableFrame } from "./runtime/current.ts";
import { RandomStream } from "./runtime/random-stream.ts";

/** The time of the workflow: when its current task began. The same in every replay. */
export function now(): Date {
  // eslint-disable-next-line no-restricted-globals -- with a time given, it reads no clock
  return new Date(time());
}

/** As {@link now}, in milliseconds since the epoch. */
export function time(): number {
  return currentRun("ask for the time").facts.timestampMs;
}

/** The workflow's random numbers, the same in every replay. Not for secrets. */
export function random(): RandomStream {
  return writableFrame("draw random numbers").run.random;
}

/** A stream of random numbers of its own, which starts anew whenever the workflow's seed changes. */
export function newRandom(): RandomStream {
  const { run } = writableFrame("make a stream of random numbers");
  const stream = new RandomStream(run.randomSeed);
  registerRandomSeedCallback((seed) => stream.seed(seed));
  return stream;
}

/** The seed of the workflow's random numbers: a decimal number of up to 64 bits. */
export function randomSeed(): string {
  return currentRun("ask for the random seed").randomSeed;
}

/** Calls back with each new seed, as a reset of the workflow gives one. */
export function registerRandomSeedCallback(callback: (seed: string) => void): void {
  const { run } = writableFrame("listen to new random seeds");
  run.seedListeners = [...run.seedListeners, callback];
}

/** A random UUID (version 4), the same in every replay. */
export function uuid4(): string {
  return random().uuid4();
}

/** A UUID (version 7) of the workflow's time and its random numbers, the same in every replay. */
export function uuid7(): string {
  return random().uuid7(time());
}
