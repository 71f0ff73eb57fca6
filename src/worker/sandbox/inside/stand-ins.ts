import type { StubReason } from "../bundle-plugin.ts";
import { SandboxAccessError } from "../sandbox-error.ts";
import { realmState } from "./realm-state.ts";

const REASONS: Readonly<Record<StubReason, string>> = {
  sdk: "it runs outside of workflows; keep it out of the code that a workflow calls",
  builtin: "modules of the runtime are out of its reach; move the call to an activity",
  test: "test code runs outside of workflows",
  missing: "the module is not part of the workflow bundle",
  restricted: "the worker's restrictions forbid it",
};

/** More about what a stand-in stands for, for its error. */
export interface StubNote {
  /** From the workflow module to the import. */
  readonly chain?: string | undefined;
  readonly remedy?: string | undefined;
  /** Of the module, if the stand-in is for no more. */
  readonly member?: string | undefined;
}

// Registered, so that it is the mark that activity definitions carry in every copy of this package.
const ACTIVITY_DEFINITION = Symbol.for("perdure.activity.definition");

/**
 * Stands in for a module that the sandbox has not, so that a file that holds more than workflows can be loaded.
 *
 * While modules are evaluated it absorbs every use and awaiting it never ends; afterwards every use throws.
 */
export function createStub(module: string, reason: StubReason, over: object | undefined, note: StubNote = {}): object {
  const { chain, remedy = REASONS[reason], member = "" } = note;
  const ending = chain === undefined ? remedy : `${remedy}. Import chain: ${chain}`;
  return absorb(module, member, ending, over);
}

function absorb(module: string, path: string, ending: string, over?: object): object {
  const refuse = (member: string): never => {
    const what = member === "" ? `"${module}"` : `"${member}" of "${module}"`;
    throw new SandboxAccessError(`Cannot use ${what} in workflow code: ${ending}`);
  };
  const use = (member: string): object => {
    if (realmState.loading === undefined) refuse(member);
    return absorb(module, member, ending);
  };
  const stub: object = new Proxy(constructible(), {
    get(_target, key) {
      if (over !== undefined && Object.hasOwn(over, key)) return Reflect.get(over, key) as unknown;
      if (key === "then") return realmState.loading === undefined ? undefined : () => undefined;
      if (key === "__esModule") return undefined;
      // Reading a member may be no more than a question, as in "error instanceof ClientError".
      if (typeof key === "string") return path === "" ? absorb(module, key, ending) : use(`${path}.${key}`);
      if (key === Symbol.hasInstance) return () => false;
      if (key === Symbol.toPrimitive) return () => (realmState.loading === undefined ? refuse(path) : "");
      return isDisposal(key) || key === Symbol.iterator ? use(path) : undefined;
    },
    apply: () => use(path),
    construct: () => use(path),
    // Importers copy a module by its prototype; this one has every name.
    getPrototypeOf: () => stub,
    ownKeys: () => [],
    getOwnPropertyDescriptor: () => undefined,
    has: () => false,
    set: () => realmState.loading !== undefined,
    defineProperty: () => realmState.loading !== undefined,
  });
  return stub;
}

const references = new Map<string, object>();

/** A reference to an activity by its type: something to pass to `executeActivity`, not to call. */
export function createActivityReference(type: string, methods: Readonly<Record<string, string>>): object {
  const key = JSON.stringify([type, methods]);
  let reference = references.get(key);
  if (reference === undefined) {
    reference = activityReference(type, methods);
    references.set(key, reference);
  }
  return reference;
}

function activityReference(type: string, methods: Readonly<Record<string, string>>): object {
  const refuse = (): never => {
    throw new SandboxAccessError(
      `Cannot call activity "${type}" from workflow code: pass it to workflow.executeActivity, which runs it on a worker`,
    );
  };
  return new Proxy(constructible(), {
    get(_target, key) {
      if (key === "name") return type;
      if (key === "toString") return () => type;
      if (key === ACTIVITY_DEFINITION) return { name: type };
      if (typeof key !== "string" || key === "then" || key === "toJSON") return undefined;
      if (key === "prototype") return createActivityReference(type, methods);
      return createActivityReference(methods[key] ?? key, {});
    },
    apply: refuse,
    construct: refuse,
    set: () => false,
    defineProperty: () => false,
  });
}

function isDisposal(key: symbol): boolean {
  return key.description === "Symbol.dispose" || key.description === "Symbol.asyncDispose";
}

function absent(): void {
  // What happens is up to the proxy around it.
}

// A bound function can be called and constructed and has no property that a proxy must admit to.
function constructible(): object {
  return absent.bind(undefined);
}
