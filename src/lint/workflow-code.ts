import { isHostSubpath, isTestFramework } from "../refusals/modules.ts";
import { type ImportUse, importUses, originOf, variableOf } from "./origin.ts";
import { PROMISING_CALLS } from "./promises.ts";
import type { RuleContext } from "./rule.ts";
import { ancestorsOf, childOf, childrenOf, propertyOf, type SyntaxNode, textOf, unwrap } from "./syntax.ts";

/** The module whose imports make a file workflow code. */
export const WORKFLOW_MODULE = "perdure/workflow";

// What is given to these runs outside of the sandbox, even where it stands in a file of workflows.
const OUTSIDE: ReadonlySet<string> = new Set(["perdure/activity", "perdure/nexus"]);

interface WorkflowClass {
  readonly node: SyntaxNode;
  readonly isSandboxed: boolean;
}

/** The part of a file that runs in the sandbox. */
export interface WorkflowCode {
  /** Whether what stands at the top of the file is. */
  readonly isWhole: boolean;
  /** Whether a part of the file, by what can be seen of it, runs in the sandbox. */
  contains(node: SyntaxNode): boolean;
}

/**
 * The workflow code of a file; `undefined` if it has none.
 *
 * A file has some if it defines workflows, or calls what only workflows can. All that it holds is workflow code then, but
 * for what is given to `perdure/activity`. In a program or a test, which imports what the sandbox replaces with stand-ins,
 * the classes of workflows are.
 */
export function workflowCodeOf(context: RuleContext): WorkflowCode | undefined {
  const uses = importUses(context, (module) => module === WORKFLOW_MODULE);
  const classes = uses.flatMap((use) => workflowClass(context, use) ?? []);
  if (classes.length === 0 && !uses.some(({ path }) => PROMISING_CALLS.has(path))) return undefined;
  const isSandboxed = classes.length === 0 || classes.some((found) => found.isSandboxed);
  const isWhole = isSandboxed && !isProgram(context);
  return {
    isWhole,
    contains(node) {
      for (const around of ancestorsOf(node)) {
        const found = classes.find((each) => each.node === around);
        if (found !== undefined) return found.isSandboxed;
        if (runsOutside(context, around)) return false;
      }
      return isWhole;
    },
  };
}

/** The class that a use of the SDK makes a workflow: by decorating it, or by `declare`. */
function workflowClass(context: RuleContext, { path, node }: ImportUse): WorkflowClass | undefined {
  const call = childOf(node, "parent");
  if (call?.type !== "CallExpression" || childOf(call, "callee") !== node) return undefined;
  const [first, second] = childrenOf(call, "arguments");
  switch (path) {
    case "defn": {
      const decorator = childOf(call, "parent");
      const decorated = decorator?.type === "Decorator" ? childOf(decorator, "parent") : undefined;
      return decorated === undefined ? undefined : { node: decorated, isSandboxed: staysIn(first) };
    }
    case "declare": {
      const declared = first === undefined ? undefined : classOf(context, first);
      return declared === undefined ? undefined : { node: declared, isSandboxed: staysIn(second) };
    }
    default:
      return undefined;
  }
}

function staysIn(options: SyntaxNode | undefined): boolean {
  const given = propertyOf(options, "sandboxed");
  return given === undefined || Reflect.get(given, "value") !== false;
}

function classOf(context: RuleContext, expression: SyntaxNode): SyntaxNode | undefined {
  const node = unwrap(expression);
  if (node.type === "ClassExpression") return node;
  const [declared] = variableOf(context, node)?.defs ?? [];
  if (declared === undefined) return undefined;
  const made = childOf(declared.node, "init");
  return made === undefined ? declared.node : unwrap(made);
}

function isProgram({ sourceCode }: RuleContext): boolean {
  return childrenOf(sourceCode.ast, "body").some((statement) => {
    if (statement.type !== "ImportDeclaration" || textOf(statement, "importKind") === "type") return false;
    const module = textOf(childOf(statement, "source"), "value") ?? "";
    return isHostSubpath(module) || isTestFramework(module);
  });
}

function runsOutside(context: RuleContext, node: SyntaxNode): boolean {
  if (node.type === "CallExpression") return OUTSIDE.has(moduleOfCall(context, node) ?? "");
  return childrenOf(node, "decorators").some((decorator) => {
    const expression = childOf(decorator, "expression");
    return expression !== undefined && OUTSIDE.has(moduleOfCall(context, expression) ?? "");
  });
}

/** The module of what is called, or of what made it: `defn` for `defn({ … })(code)`. */
function moduleOfCall(context: RuleContext, expression: SyntaxNode): string | undefined {
  let node = unwrap(expression);
  while (node.type === "CallExpression") node = unwrap(childOf(node, "callee") ?? { type: "" });
  return originOf(context, node)?.module;
}
