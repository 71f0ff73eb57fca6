import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { applyEnv, type Env } from "./config-env.ts";
import { ClientConfigError } from "./config-error.ts";
import { profilesFromToml } from "./config-toml.ts";
import { type DataSource, reasonOf } from "./data-source.ts";
import type { ProfileParts } from "./profile-parts.ts";

const DEFAULT_PROFILE = "default";

/** How a configuration file is found and read. */
export interface LoadOptions {
  /** The file, or its text. @default `$TEMPORAL_CONFIG_FILE`, else `temporalio/temporal.toml` in the user's folder for configurations */
  readonly configSource?: DataSource | undefined;
  /** Whether keys that nobody knows are errors. @default false */
  readonly configFileStrict?: boolean | undefined;
  /** Takes the place of the process's environment. @default process.env */
  readonly overrideEnvVars?: Env | undefined;
}

/** How one profile is found. */
export interface LoadProfileOptions extends LoadOptions {
  /** @default `$TEMPORAL_PROFILE`, else "default" */
  readonly profile?: string | undefined;
  /** Read no file. @default false */
  readonly disableFile?: boolean | undefined;
  /** Let the environment change nothing. @default false */
  readonly disableEnv?: boolean | undefined;
}

/** All profiles by name; none if there is no file. @throws {ClientConfigError} */
export async function loadProfiles(options: LoadOptions): Promise<Map<string, ProfileParts>> {
  const text = await readConfig(options);
  return text === undefined ? new Map() : profilesFromToml(text, options.configFileStrict ?? false);
}

/** One profile, with the environment laid over it. @throws {ClientConfigError} */
export async function loadProfile(options: LoadProfileOptions): Promise<ProfileParts> {
  const { disableFile = false, disableEnv = false, overrideEnvVars: env = process.env } = options;
  if (disableFile && disableEnv) throw new ClientConfigError("Cannot disable both file and environment loading");
  const profile = disableFile ? { grpcMeta: {} } : await findProfile(options, disableEnv ? {} : env);
  return disableEnv ? profile : applyEnv(profile, env);
}

async function findProfile(options: LoadProfileOptions, env: Env): Promise<ProfileParts> {
  const profiles = await loadProfiles(options);
  const named = options.profile ?? (env["TEMPORAL_PROFILE"] || undefined);
  const profile = profiles.get(named ?? DEFAULT_PROFILE);
  if (profile !== undefined) return profile;
  // Only a profile that somebody asked for has to be there.
  if (named === undefined) return { grpcMeta: {} };
  const known = [...profiles.keys()].join(", ");
  throw new ClientConfigError(
    `Cannot load the client configuration: Profile '${named}' not found, the configuration has [${known}]`,
  );
}

async function readConfig(options: LoadOptions): Promise<string | undefined> {
  const { configSource: source, overrideEnvVars: env = process.env } = options;
  if (source !== undefined && "data" in source) return toText(source.data);
  const path = source?.path ?? (env["TEMPORAL_CONFIG_FILE"] || defaultPath());
  try {
    return toText(await readFile(path));
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    if (cause instanceof ClientConfigError) throw cause;
    throw new ClientConfigError(`Cannot read client configuration "${path}": ${reasonOf(cause)}`, { cause });
  }
}

function toText(data: string | Uint8Array): string {
  if (typeof data === "string") return data;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(data);
  } catch {
    throw new ClientConfigError("Cannot read the client configuration: it is no UTF-8 text");
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** Where the other SDKs and the CLI look too. */
function defaultPath(): string {
  return join(configFolder(), "temporalio", "temporal.toml");
}

function configFolder(): string {
  const { env, platform } = process;
  if (platform === "win32") return env["APPDATA"] ?? join(homedir(), "AppData", "Roaming");
  if (platform === "darwin") return join(homedir(), "Library", "Application Support");
  return env["XDG_CONFIG_HOME"] || join(homedir(), ".config");
}
