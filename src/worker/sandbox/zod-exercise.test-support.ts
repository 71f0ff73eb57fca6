import type * as Core from "zod/v4/core";
import type * as Mini from "zod/mini";
import type * as Zod from "zod";

type Outcome = { readonly data: unknown } | { readonly issues: readonly string[] };
interface Schema {
  safeParse(value: unknown): { success: boolean; data?: unknown; error?: { issues: readonly { message: string }[] } };
}

const VALUES: readonly unknown[] = [
  "a",
  "2024-01-01",
  "a@b.co",
  3,
  -1.5,
  true,
  null,
  undefined,
  [1, "a"],
  ["x"],
  { a: 1 },
  { kind: "b", b: ["x"] },
  5n,
];

function tryOn(schema: Schema): Outcome[] {
  return VALUES.map((value) => {
    const { success, data, error } = schema.safeParse(value);
    return success ? { data: String(data) } : { issues: (error?.issues ?? []).map(({ message }) => message) };
  });
}

/** Has schemas of all kinds parse values of all kinds. */
export function exercise({ z }: typeof Zod, core: typeof Core): unknown {
  const tree: Zod.ZodType = z.object({
    value: z.number(),
    get children() {
      return z.array(tree);
    },
  });
  const schemas: Record<string, Schema> = {
    string: z.string().min(2).max(9).trim().toLowerCase(),
    formats: z.union([z.email(), z.uuid(), z.url(), z.iso.date(), z.iso.datetime(), z.ipv4(), z.base64(), z.jwt()]),
    pattern: z.string().regex(/^a/).startsWith("a").endsWith("a").includes("a"),
    number: z.number().int().positive().multipleOf(3),
    formatted: z.union([z.int(), z.uint32(), z.float64()]),
    bigint: z.union([z.bigint().positive(), z.uint64()]),
    coerced: z.coerce.number(),
    boolean: z.union([z.boolean(), z.stringbool()]),
    date: z.coerce.date(),
    nothing: z.union([z.undefined(), z.null(), z.void(), z.nan(), z.never(), z.symbol()]),
    anything: z.any().and(z.unknown()),
    list: z.array(z.unknown()).nonempty().length(2),
    tuple: z.tuple([z.number(), z.string()]).rest(z.boolean()),
    record: z.record(z.string(), z.number()),
    map: z.map(z.string(), z.number()).or(z.set(z.string())),
    object: z.object({ a: z.number() }).strict().extend({ b: z.string().optional() }),
    loose: z.looseObject({ a: z.number() }).partial().required().pick({ a: true }),
    choice: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("a"), a: z.number() }),
      z.object({ kind: z.literal("b"), b: z.array(z.string()) }),
    ]),
    words: z.enum(["a", "b"]).exclude(["b"]).nullable().optional(),
    defaults: z.string().default("d").catch("c").readonly(),
    prefault: z.string().prefault("d").nonoptional(),
    refined: z
      .string()
      .refine((text) => text.length === 1, "refused")
      .superRefine((text, context) => {
        if (text === "a") context.addIssue({ code: "custom", message: "added" });
      }),
    transformed: z
      .string()
      .transform((text) => text.length)
      .pipe(z.number().max(3)),
    preprocessed: z.preprocess((value) => String(value), z.string().brand<"text">()),
    codec: z.codec(z.string(), z.number(), { decode: Number, encode: String }),
    template: z.templateLiteral(["a", z.number()]),
    lazy: z.lazy(() => z.string()),
    json: z.json(),
    custom: z.custom<string>((value) => value === "a"),
    success: z.success(z.string()),
    function: z.instanceof(Map),
    tree,
  };
  const outcomes = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, tryOn(schema)]));
  const described = z.string().describe("a text").meta({ title: "T" });
  const registry = z.registry<{ note: string }>();
  registry.add(described, { note: "n" });
  return {
    outcomes,
    meta: [described.description, described.meta(), registry.get(described)],
    jsonSchema: z.toJSONSchema(z.object({ a: described, b: z.number().int().optional() })),
    fromJson: z.fromJSONSchema({ type: "object", properties: { a: { type: "string" } } }).safeParse({ a: 1 }).success,
    german: z.string().safeParse(1, { error: () => "nein" }).error?.issues,
    tree: tree.safeParse({ value: 1, children: [{ value: 2, children: [{}] }] }).error?.issues.length,
    flat: z.flattenError(z.object({ a: z.string() }).safeParse({}).error as Zod.ZodError),
    text: z.prettifyError(z.object({ a: z.string() }).safeParse({}).error as Zod.ZodError),
    function: z.function({ input: [z.string()], output: z.number() }).implement((text) => text.length)("abc"),
    core: core.safeParse(new core.$ZodString({ type: "string", checks: [] }), 1).success,
    isError: z.string().safeParse(1).error instanceof z.ZodError,
  };
}

/** As {@link exercise}, for the smaller variant. */
export function exerciseMini(z: typeof Mini): unknown {
  const schemas: Record<string, Mini.ZodMiniType> = {
    string: z.string().check(z.minLength(1), z.regex(/a/), z.trim()),
    number: z.optional(z.number().check(z.positive(), z.multipleOf(3))),
    object: z.extend(z.object({ a: z.number() }), { b: z.nullable(z.string()) }),
    union: z.union([
      z.email(),
      z.array(z.string()),
      z.tuple([z.number(), z.string()]),
      z.record(z.string(), z.number()),
    ]),
    pipe: z.pipe(
      z.string(),
      z.transform((text: string) => text.length),
    ),
    defaults: z._default(z.string(), "d"),
    lazy: z.lazy(() => z.boolean()),
    choice: z.enum(["a", "b"]),
  };
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, tryOn(schema)]));
}
