import type { ClientOptions, ClientPlugin, ConnectConfig } from "./client-options.ts";
import { ClientUsageError } from "./client-error.ts";
import type { Connection } from "./connection.ts";

/** The options that all plugins together make of those given. @throws {ClientUsageError} If two plugins share a name. */
export function configureClient(given: ClientOptions): ClientOptions {
  const { plugins = [] } = given;
  checkNames(plugins);
  return plugins.reduce((options, plugin) => plugin.configureClient?.(options) ?? options, given);
}

/** Connects through all plugins that have a say in it. @throws {ClientUsageError} If two plugins share a name. */
export async function connectThrough(
  config: ConnectConfig,
  last: (config: ConnectConfig) => Promise<Connection>,
): Promise<Connection> {
  const { plugins = [] } = config;
  checkNames(plugins);
  const from = async (index: number, current: ConnectConfig): Promise<Connection> => {
    const plugin = plugins[index];
    if (plugin === undefined) return last(current);
    const next = (changed: ConnectConfig): Promise<Connection> => from(index + 1, changed);
    return plugin.connect === undefined ? next(current) : plugin.connect(current, next);
  };
  return from(0, config);
}

/** The first name that two plugins have. */
export function sharedName(plugins: readonly { readonly name: string }[]): string | undefined {
  const names = plugins.map(({ name }) => name);
  return names.find((name, index) => names.indexOf(name) < index);
}

function checkNames(plugins: readonly ClientPlugin[]): void {
  const name = sharedName(plugins);
  if (name === undefined) return;
  throw new ClientUsageError(`Cannot create client: two plugins are named "${name}", give each once`);
}
