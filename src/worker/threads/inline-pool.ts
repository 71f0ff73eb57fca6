import { WorkflowThreadsStoppedError } from "./thread-error.ts";
import type { CreateThreadService, ServicePool, ThreadHost, ThreadService } from "./thread-service.ts";

/** What an {@link InlinePool} is made of. */
export interface InlinePoolOptions {
  readonly createService: CreateThreadService;
  readonly init: unknown;
  readonly host: ThreadHost;
}

/** Runs a service in the caller's own thread: for debuggers, and where virtual time has to be exact. */
export class InlinePool implements ServicePool {
  readonly #options: InlinePoolOptions;
  #service: Promise<ThreadService> | undefined;
  #started: ThreadService | undefined;
  readonly #runIds = new Set<string>();
  #isStopped = false;

  constructor(options: InlinePoolOptions) {
    this.#options = options;
  }

  get runCount(): number {
    return this.#runIds.size;
  }

  async call(runId: string, method: string, ...args: unknown[]): Promise<unknown> {
    if (this.#isStopped) throw new WorkflowThreadsStoppedError(`Cannot run workflow code: the worker has been stopped`);
    this.#runIds.add(runId);
    const service = this.#started ?? (await this.#start());
    return methodOf(service, method)(...args);
  }

  notify(_runId: string, method: string, ...args: unknown[]): void {
    if (this.#started !== undefined) methodOf(this.#started, method)(...args);
  }

  release(runId: string): void {
    this.#runIds.delete(runId);
  }

  async stop(method?: string): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    const service = this.#started ?? (await this.#service?.catch(() => undefined));
    if (service !== undefined && method !== undefined) await methodOf(service, method)();
  }

  async #start(): Promise<ThreadService> {
    const { createService, init, host } = this.#options;
    this.#service ??= Promise.resolve(
      createService(init, {
        call: async (method, ...args) => methodOf(host, method)(...args),
        notify: (method, ...args) => void methodOf(host, method)(...args),
        guard: (_runId, code) => code(),
      }),
    );
    this.#started = await this.#service;
    return this.#started;
  }
}

function methodOf(target: ThreadService | ThreadHost, name: string): (...args: unknown[]) => unknown {
  const method = target[name];
  if (method === undefined) throw new TypeError(`Cannot call "${name}": there is no such method`);
  return (...args) => method.apply(target, args as never[]);
}
