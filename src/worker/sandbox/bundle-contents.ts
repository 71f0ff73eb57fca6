import { readFile, writeFile } from "node:fs/promises";
import { CLIENT_VERSION } from "../../client/index.ts";
import type { WorkflowDefinition } from "../../workflow/definition.ts";
import type { SandboxedWorkflows } from "../tasks/sandboxed-runner.ts";
import { realmFor } from "./realm-source.ts";
import { WorkflowBundleError } from "./sandbox-error.ts";
import type { WorkflowBundle } from "./workflow-bundle.ts";

/** A bundle together with what its modules define. */
export interface BundleContents extends SandboxedWorkflows {
  /** Made of a realm's classes: to be read, not to be instantiated. */
  readonly definitions: readonly WorkflowDefinition[];
}

/**
 * Evaluates a bundle's modules to learn which workflows they define: for bundles that were made of files, not of classes.
 *
 * @throws {WorkflowLoadError} If a module throws.
 * @throws {WorkflowBundleError} If two modules define one workflow.
 */
export function contentsOf(bundle: WorkflowBundle): BundleContents {
  const realm = realmFor(bundle);
  const modules: Record<string, string> = {};
  const definitions: WorkflowDefinition[] = [];
  let dynamicModule: string | undefined;
  for (const { key, file } of bundle.modules) {
    if (bundle.interceptors.includes(key)) continue;
    for (const definition of realm.definitions(bundle, key)) {
      const { name } = definition;
      const other = name === undefined ? dynamicModule : modules[name];
      if (other === key || (other !== undefined && isImported(definitions, definition))) continue;
      if (other !== undefined) throw definedTwice(bundle, name, file, other);
      definitions.push(definition);
      if (name === undefined) dynamicModule = key;
      else modules[name] = key;
    }
  }
  return { bundle, modules, dynamicModule, definitions };
}

/** A module evaluates those that it imports, whose workflows are then found twice. */
function isImported(definitions: readonly WorkflowDefinition[], definition: WorkflowDefinition): boolean {
  return definitions.some(({ name, cls }) => name === definition.name && String(cls) === String(definition.cls));
}

function definedTwice(
  bundle: WorkflowBundle,
  name: string | undefined,
  file: string,
  otherKey: string,
): WorkflowBundleError {
  const other = bundle.modules.find(({ key }) => key === otherKey)?.file ?? otherKey;
  const what = name === undefined ? "a dynamic workflow" : `workflow "${name}"`;
  return new WorkflowBundleError(`Cannot use bundle "${bundle.id}": "${other}" and "${file}" both define ${what}`);
}

interface StoredBundle {
  readonly perdure: string;
  readonly bundle: WorkflowBundle;
}

/** Stores a bundle as a file, for workers without esbuild. Sources are not part of it. */
export async function writeWorkflowBundle(path: string, bundle: WorkflowBundle): Promise<void> {
  const stored: StoredBundle = { perdure: CLIENT_VERSION, bundle: { ...bundle, workingDirectory: undefined } };
  await writeFile(path, JSON.stringify(stored));
}

/**
 * Reads what {@link writeWorkflowBundle} stored.
 *
 * @throws {WorkflowBundleError} If the file is no bundle, or was made by another version of this package.
 */
export async function readWorkflowBundle(path: string): Promise<WorkflowBundle> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new WorkflowBundleError(`Cannot read workflow bundle "${path}": there is no such file`, { cause });
  });
  const stored = parse(text);
  if (stored === undefined) throw new WorkflowBundleError(`Cannot read workflow bundle "${path}": it is none`);
  if (stored.perdure !== CLIENT_VERSION) {
    throw new WorkflowBundleError(
      `Cannot use workflow bundle "${path}": version ${stored.perdure} of this package made it and this is ${CLIENT_VERSION}, build it again`,
    );
  }
  return stored.bundle;
}

function parse(text: string): StoredBundle | undefined {
  try {
    const stored = JSON.parse(text) as Partial<StoredBundle> | null;
    const isBundle = typeof stored?.perdure === "string" && stored.bundle?.format === 1;
    return isBundle ? (stored as StoredBundle) : undefined;
  } catch {
    return undefined;
  }
}
