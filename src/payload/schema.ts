import { TemporalError } from "../core/errors.ts";
import { PAYLOAD_VALIDATION, payloadValidationError } from "./payload-validation-error.ts";

/**
 * A schema of any library that follows Standard Schema: zod, valibot, arktype and others.
 *
 * What it accepts must include the JSON form of what it answers: values are sent as JSON and validated where they are
 * received.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardSchemaResult<Output> | Promise<StandardSchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says of a value: the value as it reads it, or what is wrong. */
export type StandardSchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardSchemaIssue[] };

/** One thing that is wrong with a value. */
export interface StandardSchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema makes of a value: the type that code works with. */
export type SchemaOutput<S extends StandardSchema> = NonNullable<S["~standard"]["types"]>["output"];

/** The types that a list of schemas makes of a list of values. */
export type SchemaOutputs<A extends readonly StandardSchema[]> = {
  -readonly [K in keyof A]: SchemaOutput<A[K]>;
};

/** Schemas of what a workflow, handler or activity takes and answers. */
export interface CallSchemas {
  /** Of its arguments, in their order; an argument without a schema is taken as it comes. @default none */
  readonly args?: readonly StandardSchema[] | undefined;
  /** Of its result, for whoever receives it. @default none */
  readonly result?: StandardSchema | undefined;
}

/** A schema cannot be used where it is: workflow code cannot wait for an asynchronous one. */
export class SchemaError extends TemporalError {
  static override readonly code: string = "TEMPORAL_SCHEMA";
  override readonly name = "SchemaError";
}

/**
 * A value as a schema reads it, at once: for workflow code.
 *
 * @param what Names the value in errors.
 * @throws {ApplicationError} Of type `PayloadValidationError`, non-retryable, if the value does not suit.
 * @throws {SchemaError} If the schema is asynchronous.
 */
export function decodeWith(schema: StandardSchema | undefined, value: unknown, what: string): unknown {
  if (schema === undefined) return value;
  const result = schema["~standard"].validate(value);
  if (isThenable(result)) {
    // What becomes of it concerns nobody any more.
    result.then(undefined, () => undefined);
    throw new SchemaError(
      `Cannot validate ${what}: its schema (${schema["~standard"].vendor}) answered with a promise, workflow code needs one that answers at once`,
    );
  }
  return valueOf(result, what);
}

/** As {@link decodeWith}, for code that can wait. @throws {ApplicationError} If the value does not suit. */
export async function decodeWithAsync(
  schema: StandardSchema | undefined,
  value: unknown,
  what: string,
): Promise<unknown> {
  return schema === undefined ? value : valueOf(await schema["~standard"].validate(value), what);
}

/** Arguments as their schemas read them. A missing one is undefined for its schema; further ones stay as they are. */
export function decodeArgsWith(
  schemas: readonly StandardSchema[] | undefined,
  args: readonly unknown[],
  what: string,
): unknown[] {
  return pairs(schemas, args).map(([schema, value], index) => decodeWith(schema, value, nameOf(index, what)));
}

/** As {@link decodeArgsWith}, for code that can wait. */
export function decodeArgsWithAsync(
  schemas: readonly StandardSchema[] | undefined,
  args: readonly unknown[],
  what: string,
): Promise<unknown[]> {
  return Promise.all(
    pairs(schemas, args).map(([schema, value], index) => decodeWithAsync(schema, value, nameOf(index, what))),
  );
}

function pairs(
  schemas: readonly StandardSchema[] = [],
  args: readonly unknown[],
): [StandardSchema | undefined, unknown][] {
  return Array.from({ length: Math.max(schemas.length, args.length) }, (_, index) => [schemas[index], args[index]]);
}

function nameOf(index: number, what: string): string {
  return `argument ${index + 1} of ${what}`;
}

function valueOf(result: StandardSchemaResult<unknown>, what: string): unknown {
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map(({ message, path = [] }) => ({ message, path: pathOf(path) }));
  const places = issues.flatMap(({ path }) => (path === "" ? [] : [path])).join(", ");
  const where = places === "" ? "" : ` at ${places}`;
  throw payloadValidationError(`${PAYLOAD_VALIDATION}: ${what}${where}`, { issues });
}

/** As code would write it: `items[0].price`. */
function pathOf(path: NonNullable<StandardSchemaIssue["path"]>): string {
  let text = "";
  for (const step of path) {
    const key = typeof step === "object" ? step.key : step;
    if (typeof key === "number") text += `[${key}]`;
    else text += `${text === "" ? "" : "."}${String(key)}`;
  }
  return text;
}

function isThenable<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && "then" in value;
}
