import { readFile } from "node:fs/promises";
import { ClientConfigError } from "./config-error.ts";

/** Where PEM or TOML text comes from: a file, or the text itself. */
export type DataSource = { readonly path: string } | { readonly data: string | Uint8Array };

/** A {@link DataSource} as plain data, fit for TOML and JSON. */
export type DataSourceDict = { readonly path: string } | { readonly data: string };

/** The text or bytes of a source. @throws {ClientConfigError} If its file cannot be read. */
export async function readSource(source: DataSource | undefined): Promise<string | Uint8Array | undefined> {
  if (source === undefined) return undefined;
  if ("data" in source) return source.data;
  try {
    return await readFile(source.path);
  } catch (cause) {
    throw new ClientConfigError(`Cannot read file "${source.path}" of the client configuration: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

/** A source as plain data; bytes become text. */
export function sourceToDict(source: DataSource): DataSourceDict {
  if ("path" in source) return { path: source.path };
  return { data: typeof source.data === "string" ? source.data : new TextDecoder().decode(source.data) };
}

/** What an error of the file system says. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
