import { SandboxDomException, SandboxEvent, SandboxEventTarget } from "./event-target.ts";

// Only a controller may make and abort a signal; the key stays in this module.
const KEY = Symbol("abort signal");

let startTimeout: (callback: () => void, delayMs: number) => unknown = () => undefined;

/** Tells `AbortSignal.timeout` how to start a timer of the running workflow. */
export function setAbortTimer(start: typeof startTimeout): void {
  startTimeout = start;
}

/** `AbortSignal` of workflow code. */
export class SandboxAbortSignal extends SandboxEventTarget {
  onabort: ((event: SandboxEvent) => void) | null = null;
  #isAborted = false;
  #reason: unknown;

  constructor(key?: symbol) {
    super();
    if (key !== KEY) throw new TypeError("Illegal constructor");
  }

  get aborted(): boolean {
    return this.#isAborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.#isAborted) throw this.#reason;
  }

  static abort(reason?: unknown): SandboxAbortSignal {
    const signal = new SandboxAbortSignal(KEY);
    signal.#isAborted = true;
    signal.#reason = reason ?? abortError();
    return signal;
  }

  static timeout(delayMs: number): SandboxAbortSignal {
    const signal = new SandboxAbortSignal(KEY);
    const error = new SandboxDomException("The operation was aborted due to timeout", "TimeoutError");
    startTimeout(() => signal.#abort(error), delayMs);
    return signal;
  }

  static any(signals: Iterable<SandboxAbortSignal>): SandboxAbortSignal {
    const combined = new SandboxAbortSignal(KEY);
    const sources = [...signals];
    const aborted = sources.find((source) => source.aborted);
    if (aborted !== undefined) {
      combined.#abort(aborted.reason);
      return combined;
    }
    for (const source of sources) {
      source.addEventListener("abort", () => combined.#abort(source.reason), { once: true });
    }
    return combined;
  }

  static abortWith(signal: SandboxAbortSignal, key: symbol, reason: unknown): void {
    if (key === KEY) signal.#abort(reason ?? abortError());
  }

  #abort(reason: unknown): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#reason = reason;
    const event = new SandboxEvent("abort");
    this.onabort?.(event);
    this.dispatchEvent(event);
  }
}

/** `AbortController` of workflow code. */
export class SandboxAbortController {
  readonly signal: SandboxAbortSignal = new SandboxAbortSignal(KEY);

  abort(reason?: unknown): void {
    SandboxAbortSignal.abortWith(this.signal, KEY, reason);
  }
}

function abortError(): SandboxDomException {
  return new SandboxDomException("This operation was aborted", "AbortError");
}
