/** One exception to what workflow code may use: of a module, of a module of the runtime, or of the global object. */
export interface SandboxRestriction {
  /** As it is imported (`"lodash"`, `"node:path"`), a path, or `"globalThis"`. */
  readonly module: string;
  /** Name of an export, or path from the global object such as `"Math.sin"`. @default the whole module */
  readonly member?: string;
  /**
   * - `refuse`: using it throws a `SandboxAccessError`, but for blocks of `unsafe.sandboxUnrestricted`.
   * - `allow`: a module of the runtime or a global that is refused otherwise can be used. It is the host's own, and what it
   *   does is not repeated in replay.
   *
   * @default "refuse"
   */
  readonly use?: "refuse" | "allow";
  /** What to do instead, for the error. */
  readonly remedy?: string;
}

/** What the bundler tells of imports that may not be meant. */
export interface ImportNotifications {
  /** Of `import()` in workflow code. @default "silent" */
  readonly dynamicImport?: "silent" | "warn";
  /** Of packages that every run evaluates for itself, for they are not passed through. @default "silent" */
  readonly unsharedPackage?: "silent" | "warn" | "error";
}

/** Global names with the exceptions made for them, as plain data. */
export interface GlobalRestrictions {
  readonly allowed: readonly string[];
  /** Remedies by path from the global object. */
  readonly refused: Readonly<Record<string, string>>;
}

/** The word for the global object in restrictions. */
const GLOBAL = "globalThis";
const NO_REMEDY = "the worker's restrictions forbid it";

/** The exceptions for globals; `undefined` if there are none. */
export function globalsOf(restrictions: readonly SandboxRestriction[]): GlobalRestrictions | undefined {
  const ofGlobals = restrictions.filter(({ module, member }) => module === GLOBAL && member !== undefined);
  if (ofGlobals.length === 0) return undefined;
  const allowed = ofGlobals.filter(({ use }) => use === "allow").map(({ member = "" }) => member);
  const refused = ofGlobals
    .filter(({ use }) => use !== "allow")
    .map(({ member = "", remedy = NO_REMEDY }) => [member, remedy] as const);
  return { allowed, refused: Object.fromEntries(refused) };
}

/** The exception for a module as a whole. */
export function wholeModule(
  restrictions: readonly SandboxRestriction[],
  name: string,
): { readonly use: "refuse" | "allow"; readonly remedy: string } | undefined {
  const bare = (text: string): string => text.replace(/^node:/, "");
  const found = restrictions.find(({ module, member }) => member === undefined && bare(module) === bare(name));
  return found === undefined ? undefined : { use: found.use ?? "refuse", remedy: found.remedy ?? NO_REMEDY };
}

/** Remedies by the refused members of a module; `undefined` if there are none. */
export function refusedMembers(
  restrictions: readonly SandboxRestriction[],
  names: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const found = restrictions.filter(
    ({ module, member, use }) => member !== undefined && use !== "allow" && names.includes(module),
  );
  if (found.length === 0) return undefined;
  return Object.fromEntries(found.map(({ member = "", remedy = NO_REMEDY }) => [member, remedy]));
}
