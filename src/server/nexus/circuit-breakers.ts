import type { CancelTimer, Clock } from "../../core/time/clock.ts";

/** So many failures in a row, and one more, open a breaker. */
const FAILURES_MAX = 5;
/** Destinations that are remembered; healthy ones are forgotten first. */
const DESTINATIONS_MAX = 10_000;

/** What can be set about breakers, as the service's configuration has it. */
export interface BreakerSettings {
  /** Requests that are let through at once to see whether the destination is back. */
  readonly probesMax: number;
  /** How often a closed breaker forgets its failures; zero for never. */
  readonly forgetAfterMs: number;
  /** How long an open breaker lets nothing through. */
  readonly openMs: number;
}

/** What breakers are told apart by: the sort of request, the namespace that asks and where the request goes. */
export interface Destination {
  readonly sort: "start" | "cancel" | "standaloneStart" | "standaloneCancel" | "callback";
  readonly namespaceId: string;
  /** An endpoint's name, or the origin of a callback's address. */
  readonly target: string;
}

/** Leave to make one request. */
export interface BreakerPass {
  /** Tells how the request went: whether the destination seems to be down. Must be called once. */
  report(down: boolean): void;
}

interface Breaker {
  readonly name: string;
  state: "closed" | "open" | "halfOpen";
  /** Changes with the state: what began before the change says nothing of the time after it. */
  generation: number;
  failures: number;
  successes: number;
  probes: number;
  /** When an open one lets a request through again, or a closed one forgets its failures. */
  untilMs: number;
  requests: number;
  readonly waiting: Set<() => void>;
}

/** Hold back requests to destinations that have failed again and again. */
export class CircuitBreakers {
  readonly #clock: Clock;
  readonly #settings: BreakerSettings;
  readonly #breakers = new Map<string, Breaker>();
  readonly #timers = new Set<CancelTimer>();

  constructor(clock: Clock, settings: BreakerSettings) {
    this.#clock = clock;
    this.#settings = settings;
  }

  /** Whether requests to the destination are held back. */
  isOpen(destination: Destination): boolean {
    const state = this.#breakers.get(nameOf(destination))?.state ?? "closed";
    return state !== "closed";
  }

  /** Waits until a request may be made. */
  async enter(destination: Destination): Promise<BreakerPass> {
    for (;;) {
      const breaker = this.#take(nameOf(destination));
      this.#refresh(breaker);
      const isProbe = breaker.state === "halfOpen" && breaker.probes < this.#settings.probesMax;
      if (breaker.state === "closed" || isProbe) {
        if (isProbe) breaker.probes += 1;
        breaker.requests += 1;
        const { generation } = breaker;
        return { report: (down) => this.#report(breaker, generation, down) };
      }
      await this.#wait(breaker);
    }
  }

  /** Gives up waiting, as the server stops: what waits is asked again by the next one. */
  close(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #take(name: string): Breaker {
    const known = this.#breakers.get(name);
    if (known !== undefined) return known;
    const breaker: Breaker = {
      name,
      state: "closed",
      generation: 0,
      failures: 0,
      successes: 0,
      probes: 0,
      untilMs: this.#clock.now() + this.#settings.forgetAfterMs,
      requests: 0,
      waiting: new Set(),
    };
    this.#breakers.set(name, breaker);
    if (this.#breakers.size > DESTINATIONS_MAX) this.#forgetOne();
    return breaker;
  }

  /** Lets time have its effect. */
  #refresh(breaker: Breaker): void {
    const isOver = breaker.untilMs <= this.#clock.now();
    if (breaker.state === "open" && isOver) this.#become(breaker, "halfOpen");
    else if (breaker.state === "closed" && isOver && this.#settings.forgetAfterMs > 0) this.#become(breaker, "closed");
  }

  #become(breaker: Breaker, state: Breaker["state"]): void {
    const { forgetAfterMs, openMs } = this.#settings;
    breaker.state = state;
    breaker.generation += 1;
    breaker.failures = 0;
    breaker.successes = 0;
    breaker.probes = 0;
    breaker.untilMs = this.#clock.now() + (state === "open" ? openMs : forgetAfterMs);
  }

  #report(breaker: Breaker, generation: number, down: boolean): void {
    breaker.requests -= 1;
    if (breaker.generation === generation) this.#count(breaker, down);
    for (const done of [...breaker.waiting]) done();
    const { state, failures, requests, waiting } = breaker;
    if (state === "closed" && failures === 0 && requests === 0 && waiting.size === 0) this.#forget(breaker);
  }

  #count(breaker: Breaker, down: boolean): void {
    if (down) {
      breaker.failures += 1;
      if (breaker.state === "halfOpen" || breaker.failures > FAILURES_MAX) this.#become(breaker, "open");
      return;
    }
    breaker.failures = 0;
    breaker.successes += 1;
    if (breaker.state === "halfOpen" && breaker.successes >= this.#settings.probesMax) this.#become(breaker, "closed");
  }

  /** Until the breaker lets one through, or what was let through has an outcome. */
  #wait(breaker: Breaker): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel?.();
        if (cancel !== undefined) this.#timers.delete(cancel);
        breaker.waiting.delete(done);
        resolve();
      };
      const cancel = breaker.state === "open" ? this.#clock.schedule(breaker.untilMs, done) : undefined;
      if (cancel !== undefined) this.#timers.add(cancel);
      breaker.waiting.add(done);
    });
  }

  #forgetOne(): void {
    for (const breaker of this.#breakers.values()) {
      if (breaker.state !== "closed" || breaker.requests > 0) continue;
      this.#forget(breaker);
      return;
    }
  }

  #forget(breaker: Breaker): void {
    if (this.#breakers.get(breaker.name) === breaker) this.#breakers.delete(breaker.name);
  }
}

function nameOf({ sort, namespaceId, target }: Destination): string {
  return `${sort} ${namespaceId} ${target}`;
}

/**
 * Makes one request with leave of its destination's breaker, which is told how it went.
 *
 * @param pass Absent for requests that no breaker holds back.
 */
export async function throughBreaker<Answer extends { readonly kind: string }>(
  pass: BreakerPass | undefined,
  request: () => Promise<Answer>,
): Promise<Answer> {
  let down = true;
  try {
    const answer = await request();
    down = answer.kind === "retry";
    return answer;
  } finally {
    pass?.report(down);
  }
}
