import { sharedName, type Client } from "../client/index.ts";
import { OptionsError } from "./worker-error.ts";
import type { ReplayHistories, RunningWorker, WorkerOptions, WorkerPlugin } from "./worker-options.ts";

const WORKER_METHODS = ["configureWorker", "runWorker", "configureReplayer", "runReplayer"] as const;

/**
 * The plugins of a worker: those of its client that are a worker's too, then its own.
 *
 * @throws {OptionsError} If two share a name.
 */
export function workerPlugins(client: Client, options: WorkerOptions): readonly WorkerPlugin[] {
  const own = options.plugins ?? [];
  const inherited = (client.options.plugins ?? []).filter(isWorkerPlugin);
  const name = sharedName([...inherited, ...own]);
  if (name === undefined) return [...inherited, ...own];
  const places = inherited.some((plugin) => plugin.name === name)
    ? "its client has one and it was given another, give it to one of them"
    : "give each once";
  throw new OptionsError(
    `Cannot create worker for task queue "${options.taskQueue}": two plugins are named "${name}": ${places}`,
  );
}

/** The plugins of a replayer. @throws {OptionsError} If two share a name. */
export function replayerPlugins(plugins: readonly WorkerPlugin[] = []): readonly WorkerPlugin[] {
  const name = sharedName(plugins);
  if (name === undefined) return plugins;
  throw new OptionsError(`Cannot create replayer: two plugins are named "${name}", give each once`);
}

/** The life of a worker with plugins around it. */
export function runThrough(
  plugins: readonly WorkerPlugin[],
  worker: RunningWorker,
  last: (worker: RunningWorker) => Promise<void>,
): Promise<void> {
  const from = async (index: number, current: RunningWorker): Promise<void> => {
    const plugin = plugins[index];
    if (plugin === undefined) return last(current);
    const next = (changed: RunningWorker): Promise<void> => from(index + 1, changed);
    return plugin.runWorker === undefined ? next(current) : plugin.runWorker(current, next);
  };
  return from(0, worker);
}

/** A replay with plugins around it. */
export function replayThrough(plugins: readonly WorkerPlugin[], last: ReplayHistories): ReplayHistories {
  return plugins.reduceRight<ReplayHistories>((next, plugin) => {
    return (replayer, histories) => plugin.runReplayer?.(replayer, histories, next) ?? next(replayer, histories);
  }, last);
}

function isWorkerPlugin(plugin: object): plugin is WorkerPlugin {
  return WORKER_METHODS.some((method) => typeof Reflect.get(plugin, method) === "function");
}
