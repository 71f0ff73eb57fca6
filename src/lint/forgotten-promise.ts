import { originOf, variableOf } from "./origin.ts";
import { PROMISING_CALLS, PROMISING_METHODS } from "./promises.ts";
import type { OwnRule, RuleContext } from "./rule.ts";
import { childOf, childrenOf, memberName, type SyntaxNode, textOf, unwrap } from "./syntax.ts";
import { WORKFLOW_MODULE } from "./workflow-code.ts";

/** Reports statements that start something of a workflow and drop the promise for it. */
export const forgottenPromise: OwnRule = {
  meta: {
    type: "problem",
    docs: { description: "Refuse calls of perdure/workflow whose promise nobody waits for" },
    messages: {
      forgotten:
        'Cannot drop the promise of "{{name}}": the workflow would go on, and may end, without what it started, and would not see it fail; await it, return it, keep it, or write void before it.',
    },
    schema: [],
  },
  create(context) {
    return {
      ExpressionStatement(node) {
        for (const expression of dropped(childOf(node, "expression"))) {
          const callee = expression.type === "CallExpression" ? childOf(expression, "callee") : undefined;
          const name = callee === undefined ? undefined : promising(context, unwrap(callee));
          if (name !== undefined) context.report({ node: expression, messageId: "forgotten", data: { name } });
        }
      },
    };
  },
};

/** The expressions whose values a statement drops. */
function dropped(expression: SyntaxNode | undefined): SyntaxNode[] {
  if (expression === undefined) return [];
  const node = unwrap(expression);
  switch (node.type) {
    case "LogicalExpression":
      return dropped(childOf(node, "right"));
    case "ConditionalExpression":
      return [...dropped(childOf(node, "consequent")), ...dropped(childOf(node, "alternate"))];
    case "SequenceExpression":
      return childrenOf(node, "expressions").flatMap(dropped);
    default:
      return [node];
  }
}

/** How to call what is called, if it answers with a promise. */
function promising(context: RuleContext, callee: SyntaxNode): string | undefined {
  const path = pathInModule(context, callee);
  if (path !== undefined) return PROMISING_CALLS.has(path) ? `workflow.${path}` : undefined;
  if (callee.type === "Identifier") {
    // Taken out of what was made: const { greet } = workflow.activities(…).
    const made = makerOf(context, callee, "ObjectPattern");
    return made !== undefined && PROMISING_METHODS.get(made) === "any" ? textOf(callee, "name") : undefined;
  }
  const object = callee.type === "MemberExpression" ? childOf(callee, "object") : undefined;
  const method = memberName(callee);
  if (object === undefined || method === undefined) return undefined;
  const methods = PROMISING_METHODS.get(makerOf(context, unwrap(object), "Identifier") ?? "");
  if (methods === undefined || (methods !== "any" && !methods.has(method))) return undefined;
  return `${textOf(unwrap(object), "name")}.${method}`;
}

/** The call or class of perdure/workflow that gave a constant its value, if the constant is declared as `pattern`. */
function makerOf(context: RuleContext, identifier: SyntaxNode, pattern: string): string | undefined {
  const [declared] = identifier.type === "Identifier" ? (variableOf(context, identifier)?.defs ?? []) : [];
  if (declared?.type !== "Variable" || textOf(declared.parent ?? undefined, "kind") !== "const") return undefined;
  if (childOf(declared.node, "id")?.type !== pattern) return undefined;
  const value = childOf(declared.node, "init");
  const made = value === undefined ? undefined : awaited(value);
  const maker = made?.type === "CallExpression" || made?.type === "NewExpression" ? childOf(made, "callee") : undefined;
  return maker === undefined ? undefined : pathInModule(context, maker);
}

function awaited(expression: SyntaxNode): SyntaxNode {
  const node = unwrap(expression);
  const inner = node.type === "AwaitExpression" ? childOf(node, "argument") : undefined;
  return inner === undefined ? node : unwrap(inner);
}

function pathInModule(context: RuleContext, expression: SyntaxNode): string | undefined {
  const origin = originOf(context, expression);
  return origin?.module === WORKFLOW_MODULE ? origin.path : undefined;
}
