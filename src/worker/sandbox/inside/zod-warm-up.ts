type SafeParse = (schema: object, value: unknown) => { readonly error?: unknown };
type Constructor = new (definition: object) => object;

/** Formats that one or the other class of schema knows. */
const FORMATS = ["uuid", "safeint", "uint64"];

/**
 * Makes one schema of each class that zod exports: a class completes its prototypes when it is first used, which it could
 * not any more once they are frozen.
 *
 * @returns The schemas: what they lead to is shared by all others of their class.
 */
export function warmZod(parts: readonly object[]): object[] {
  const classes = new Set(parts.filter(isSchemaClass));
  const schemas: object[] = [];
  const base = make(
    [...classes].find(({ name }) => /^\$?Zod(Mini)?String$/.test(name)),
    { type: "string", checks: [] },
  );
  for (const type of classes) {
    for (const format of FORMATS) {
      const schema = make(type, { ...definitionOver(base), format });
      if (schema === undefined) continue;
      schemas.push(schema);
      break;
    }
  }
  return schemas;
}

/** Has what any class of schema or check asks for. */
function definitionOver(base: object | undefined): object {
  const same = (value: unknown): unknown => value;
  return {
    type: "string",
    check: "custom",
    checks: [],
    abort: false,
    coerce: false,
    shape: {},
    items: [base],
    options: [base],
    rest: null,
    entries: { a: "a" },
    values: ["a"],
    parts: [],
    pattern: /a/,
    mime: ["a"],
    ...Object.fromEntries(BASES.map((name) => [name, base])),
    ...Object.fromEntries(FUNCTIONS.map((name) => [name, same])),
    ...Object.fromEntries(NUMBERS.map((name) => [name, 1])),
    ...Object.fromEntries(TEXTS.map((name) => [name, "a"])),
    getter: () => base,
  };
}

const BASES = [
  "innerType",
  "element",
  "left",
  "right",
  "keyType",
  "valueType",
  "in",
  "out",
  "input",
  "output",
  "schema",
];
const FUNCTIONS = ["transform", "reverseTransform", "tx", "fn", "catchValue"];
const NUMBERS = ["defaultValue", "minimum", "maximum", "length", "size", "value"];
const TEXTS = ["prefix", "suffix", "includes", "property", "discriminator"];

function make(type: Constructor | undefined, definition: object): object | undefined {
  try {
    return type === undefined ? undefined : new type(definition);
  } catch {
    // It wants another definition, or none will do: then it is found out by whoever uses it first.
    return undefined;
  }
}

/** Parses something with each schema: what zod finds out about its surroundings it keeps from then on. */
export function useZod(safeParse: unknown, schemas: readonly object[]): void {
  if (typeof safeParse !== "function") return;
  const parse = safeParse as SafeParse;
  for (const schema of schemas) {
    try {
      // The error is made when it is asked for.
      void parse(schema, {}).error;
    } catch {
      // Schemas made of nothing in particular need not be of any use.
    }
  }
}

function isSchemaClass(value: object): value is Constructor {
  return typeof value === "function" && typeof Reflect.get(value, "init") === "function";
}
