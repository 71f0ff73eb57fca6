import { readFileSync } from "node:fs";
import { Reader } from "../proto/wire.ts";

/** A file of the API's schema. */
export interface ApiFile {
  readonly name: string;
  /** Encoded `google.protobuf.FileDescriptorProto`. */
  readonly bytes: Uint8Array;
  readonly dependencies: readonly string[];
  /** Full names of what is defined in it. */
  readonly symbols: readonly string[];
}

// As seen from here in the sources and in the package.
const SCHEMA = "../../proto/temporal-api.binpb";

/** The files of the API's schema, read when they are first asked for. */
export class ApiFiles {
  #byName: ReadonlyMap<string, ApiFile> | undefined;
  #bySymbol: ReadonlyMap<string, ApiFile> | undefined;

  /** The file of a name with all that it needs, itself first; undefined if there is none. */
  withDependencies(name: string): readonly ApiFile[] | undefined {
    const byName = this.#files();
    if (!byName.has(name)) return undefined;
    const wanted = new Set([name]);
    // A set that grows while it is walked is walked to its new end.
    for (const each of wanted) for (const dependency of byName.get(each)?.dependencies ?? []) wanted.add(dependency);
    return [...wanted].flatMap((each) => byName.get(each) ?? []);
  }

  /** The name of the file that defines something by its full name. */
  fileOf(symbol: string): string | undefined {
    this.#bySymbol ??= new Map(
      [...this.#files().values()].flatMap((file) => file.symbols.map((each) => [each, file] as const)),
    );
    return this.#bySymbol.get(symbol)?.name;
  }

  #files(): ReadonlyMap<string, ApiFile> {
    this.#byName ??= new Map(
      fieldsOf(readFileSync(new URL(SCHEMA, import.meta.url))).map(({ bytes }) => {
        const file = readFile(bytes);
        return [file.name, file];
      }),
    );
    return this.#byName;
  }
}

/** A field that is text, bytes or a message. */
interface Field {
  readonly number: number;
  readonly bytes: Uint8Array;
}

const LENGTH_DELIMITED = 2;

/** All such fields of a message, in order. */
function fieldsOf(message: Uint8Array): readonly Field[] {
  const reader = new Reader(message);
  const fields: Field[] = [];
  while (reader.pos < reader.end) {
    const tag = reader.uint32();
    if ((tag & 7) === LENGTH_DELIMITED) fields.push({ number: tag >>> 3, bytes: reader.byteArray() });
    else reader.unknown(tag, undefined);
  }
  return fields;
}

/** Numbers of fields in `google/protobuf/descriptor.proto`. */
const FILE = { name: 1, package: 2, dependency: 3, message: 4, enum: 5, service: 6 } as const;
const MESSAGE = { nested: 3, enum: 4 } as const;
const SERVICE = { method: 2 } as const;
const NAME = 1;

function readFile(bytes: Uint8Array): ApiFile {
  const fields = fieldsOf(bytes);
  const all = (number: number): readonly Uint8Array[] =>
    fields.filter((field) => field.number === number).map((field) => field.bytes);
  const [name, pack] = [FILE.name, FILE.package].map((number) => textOf(all(number)[0]));
  const prefix = pack === undefined || pack === "" ? "" : `${pack}.`;
  return {
    name: name ?? "",
    bytes,
    dependencies: all(FILE.dependency).map(textOf),
    symbols: [
      ...all(FILE.message).flatMap((message) => symbolsOf(message, prefix, [MESSAGE.nested, MESSAGE.enum])),
      ...all(FILE.enum).flatMap((each) => symbolsOf(each, prefix, [])),
      ...all(FILE.service).flatMap((service) => symbolsOf(service, prefix, [SERVICE.method])),
    ],
  };
}

/** The full name of a definition, and those of the definitions in its fields of some numbers. */
function symbolsOf(definition: Uint8Array, prefix: string, inner: readonly number[]): string[] {
  const fields = fieldsOf(definition);
  const own = `${prefix}${textOf(fields.find(({ number }) => number === NAME)?.bytes)}`;
  const within = fields.filter(({ number }) => inner.includes(number));
  return [
    own,
    ...within.flatMap(({ number, bytes }) => symbolsOf(bytes, `${own}.`, number === MESSAGE.nested ? inner : [])),
  ];
}

function textOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString("utf8");
}
