/* The few classes of the web platform that JavaScript engines lack, for cancellation by AbortSignal. */

import { toText } from "./web-text.ts";

type Listener = ((event: SandboxEvent) => void) | { handleEvent(event: SandboxEvent): void };

interface Registration {
  readonly listener: Listener;
  readonly isOnce: boolean;
}

/** `Event` of workflow code. */
export class SandboxEvent {
  readonly type: string;
  readonly cancelable: boolean;
  target: SandboxEventTarget | null = null;
  defaultPrevented = false;
  #isStopped = false;

  constructor(type: string, options: { readonly cancelable?: boolean } = {}) {
    this.type = toText(type);
    this.cancelable = options.cancelable === true;
  }

  get currentTarget(): SandboxEventTarget | null {
    return this.target;
  }

  preventDefault(): void {
    if (this.cancelable) this.defaultPrevented = true;
  }

  stopImmediatePropagation(): void {
    this.#isStopped = true;
  }

  static isStopped(event: SandboxEvent): boolean {
    return event.#isStopped;
  }
}

/** `EventTarget` of workflow code; listeners run at once, in the order in which they were added. */
export class SandboxEventTarget {
  readonly #listeners = new Map<string, Registration[]>();

  addEventListener(
    type: string,
    listener: Listener | null,
    options?:
      | boolean
      | { readonly once?: boolean; readonly signal?: SandboxEventTarget & { readonly aborted: boolean } },
  ): void {
    const { once = false, signal } = typeof options === "object" ? options : {};
    if (listener === null || signal?.aborted === true) return;
    const registered = this.#listeners.get(type) ?? [];
    if (registered.some((registration) => registration.listener === listener)) return;
    this.#listeners.set(type, [...registered, { listener, isOnce: once }]);
    signal?.addEventListener("abort", () => this.removeEventListener(type, listener), { once: true });
  }

  removeEventListener(type: string, listener: Listener | null): void {
    const registered = this.#listeners.get(type);
    if (registered === undefined) return;
    const rest = registered.filter((registration) => registration.listener !== listener);
    if (rest.length === 0) this.#listeners.delete(type);
    else this.#listeners.set(type, rest);
  }

  dispatchEvent(event: SandboxEvent): boolean {
    event.target = this;
    for (const { listener, isOnce } of this.#listeners.get(event.type) ?? []) {
      if (isOnce) this.removeEventListener(event.type, listener);
      if (typeof listener === "function") Reflect.apply(listener, this, [event]);
      else listener.handleEvent(event);
      if (SandboxEvent.isStopped(event)) break;
    }
    return !event.defaultPrevented;
  }
}

/** `DOMException` of workflow code. */
export class SandboxDomException extends Error {
  override readonly name: string;

  constructor(message = "", name = "Error") {
    super(message);
    this.name = name;
  }
}
