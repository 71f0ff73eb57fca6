import { parse, type TomlTable } from "smol-toml";
import { normalizeMetaKey } from "./config-env.ts";
import { ClientConfigError } from "./config-error.ts";
import { type DataSource, reasonOf } from "./data-source.ts";
import type { ProfileParts, TLSParts } from "./profile-parts.ts";

const rootKeys = ["profile"];
const profileKeys = ["address", "namespace", "api_key", "tls", "codec", "grpc_meta"];
const codecKeys = ["endpoint", "auth"];
const tlsKeys = [
  "disabled",
  "client_cert_path",
  "client_cert_data",
  "client_key_path",
  "client_key_data",
  "server_ca_cert_path",
  "server_ca_cert_data",
  "server_name",
  "disable_host_verification",
];

/**
 * The profiles of a configuration in TOML.
 *
 * @param isStrict Whether keys that nobody knows are errors.
 * @throws {ClientConfigError} If the text is no TOML, or no configuration.
 */
export function profilesFromToml(text: string, isStrict: boolean): Map<string, ProfileParts> {
  let root: TomlTable;
  try {
    root = parse(text);
  } catch (cause) {
    // The parser's message goes on with a picture of the lines, which may hold secrets.
    const reason = reasonOf(cause).split("\n")[0] ?? "";
    throw new ClientConfigError(`Cannot read the client configuration: it is no valid TOML: ${reason}`);
  }
  const table = new Table(root, "", isStrict, rootKeys);
  const profiles = table.table("profile");
  return new Map(
    Object.keys(profiles ?? {}).map((name) => {
      return [name, toProfile(new Table(profiles?.[name], `profile.${name}`, isStrict, profileKeys))];
    }),
  );
}

function toProfile(table: Table): ProfileParts {
  const tls = table.child("tls", tlsKeys);
  const codec = table.child("codec", codecKeys);
  for (const key of codecKeys) codec?.text(key);
  const meta = table.child("grpc_meta", undefined);
  return {
    address: table.text("address"),
    namespace: table.text("namespace"),
    apiKey: table.text("api_key"),
    tls: tls === undefined ? undefined : toTLS(tls),
    grpcMeta: Object.fromEntries((meta?.keys() ?? []).map((key) => [normalizeMetaKey(key), meta?.text(key) ?? ""])),
  };
}

function toTLS(table: Table): TLSParts {
  return {
    disabled: table.boolean("disabled"),
    serverName: table.text("server_name"),
    serverRootCACert: toSource(table, "server_ca_cert"),
    clientCert: toSource(table, "client_cert"),
    clientPrivateKey: toSource(table, "client_key"),
    disableHostVerification: table.boolean("disable_host_verification"),
  };
}

function toSource(table: Table, name: string): DataSource | undefined {
  const path = table.text(`${name}_path`);
  const data = table.text(`${name}_data`);
  if (path !== undefined && data !== undefined)
    throw new ClientConfigError(`Cannot specify both ${name}_path and ${name}_data`);
  if (path !== undefined) return { path };
  return data === undefined || data === "" ? undefined : { data };
}

/** A table of the configuration, whose values are taken by their types. */
class Table {
  readonly #values: TomlTable;
  readonly #place: string;
  readonly #isStrict: boolean;

  constructor(value: unknown, place: string, isStrict: boolean, known: readonly string[] | undefined) {
    if (!isTable(value)) throw wrongType(place, value, "a table");
    this.#values = value;
    this.#place = place;
    this.#isStrict = isStrict;
    if (!isStrict || known === undefined) return;
    const unknown = Object.keys(value).find((key) => !known.includes(key));
    if (unknown !== undefined)
      throw new ClientConfigError(
        `Cannot read the client configuration: found unknown key "${this.#at(unknown)}", expected one of ${known.join(", ")}`,
      );
  }

  keys(): string[] {
    return Object.keys(this.#values);
  }

  text(key: string): string | undefined {
    const value = this.#values[key];
    if (value === undefined || typeof value === "string") return value;
    throw wrongType(this.#at(key), value, "a text");
  }

  boolean(key: string): boolean | undefined {
    const value = this.#values[key];
    if (value === undefined || typeof value === "boolean") return value;
    throw wrongType(this.#at(key), value, "true or false");
  }

  table(key: string): TomlTable | undefined {
    const value = this.#values[key];
    if (value === undefined || isTable(value)) return value;
    throw wrongType(this.#at(key), value, "a table");
  }

  child(key: string, known: readonly string[] | undefined): Table | undefined {
    const value = this.table(key);
    return value === undefined ? undefined : new Table(value, this.#at(key), this.#isStrict, known);
  }

  #at(key: string): string {
    return this.#place === "" ? key : `${this.#place}.${key}`;
  }
}

function isTable(value: unknown): value is TomlTable {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function wrongType(place: string, value: unknown, wanted: string): ClientConfigError {
  const found = Array.isArray(value) ? "a list" : `a value of type ${typeof value}`;
  return new ClientConfigError(
    `Cannot read the client configuration: found ${found} at "${place}", expected ${wanted}`,
  );
}
