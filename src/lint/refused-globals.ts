import { ABSENT_GLOBALS, CODE_MAKERS, REFUSED_MEMBERS } from "../refusals/globals.ts";
import { originOf } from "./origin.ts";
import { ALLOW_SCHEMA, allowedNames, type OwnRule, type RuleContext, type ScopeReference } from "./rule.ts";
import { ancestorsOf, childOf, childrenOf, memberAccess, type SyntaxNode, textOf, wrapped } from "./syntax.ts";
import { WORKFLOW_MODULE, workflowCodeOf } from "./workflow-code.ts";

const GLOBAL_OBJECTS: ReadonlySet<string> = new Set(["globalThis", "self", "global"]);

interface Refusal {
  readonly messageId: "absent" | "throws";
  readonly name: string;
  readonly advice: string;
  readonly node: SyntaxNode;
}

/** Reports globals that the sandbox refuses, where workflow code uses them. */
export const refusedGlobals: OwnRule = {
  meta: {
    type: "problem",
    docs: { description: "Refuse globals that are not there in workflow code, or throw" },
    messages: {
      absent: 'Cannot use "{{name}}" in workflow code: it is not there, {{advice}}.',
      throws: 'Cannot use "{{name}}" in workflow code: {{advice}}.',
    },
    schema: ALLOW_SCHEMA,
  },
  create(context) {
    return {
      Program() {
        const code = workflowCodeOf(context);
        if (code === undefined) return;
        const allowed = allowedNames(context);
        for (const { identifier } of globalReferences(context)) {
          const refusal = refusalOf(identifier);
          if (refusal === undefined || allowed.has(refusal.name) || !code.contains(refusal.node)) continue;
          if (isHarmless(refusal.node) || isUnrestricted(context, refusal.node)) continue;
          const { node, messageId, name, advice } = refusal;
          context.report({ node, messageId, data: { name, advice } });
        }
      },
    };
  },
};

/** Uses of names that the file does not declare, for their values. */
function globalReferences({ sourceCode }: RuleContext): ScopeReference[] {
  const global = sourceCode.getScope(sourceCode.ast);
  const known = global.variables.filter(({ defs }) => defs.length === 0).flatMap(({ references }) => references);
  return [...known, ...global.through].filter(
    ({ identifier, isTypeReference }) =>
      isTypeReference !== true && childOf(identifier, "parent")?.type !== "TSTypeQuery",
  );
}

function refusalOf(identifier: SyntaxNode): Refusal | undefined {
  const name = textOf(identifier, "name") ?? "";
  if (!GLOBAL_OBJECTS.has(name)) return refusalOfName(identifier, name);
  const member = memberAccess(identifier);
  return member === undefined ? undefined : refusalOfName(member.node, member.name);
}

function refusalOfName(node: SyntaxNode, name: string): Refusal | undefined {
  const absent = own(ABSENT_GLOBALS, name);
  if (absent !== undefined) return { messageId: "absent", name, advice: absent, node };
  const maker = isCalled(node) ? own(CODE_MAKERS, name) : undefined;
  if (maker !== undefined) return { messageId: "throws", name, advice: maker, node };
  const member = memberAccess(node);
  if (member === undefined) return undefined;
  const path = `${name}.${member.name}`;
  const refused = own(REFUSED_MEMBERS, path);
  return refused === undefined ? undefined : { messageId: "throws", name: path, advice: refused, node: member.node };
}

/** Not of what every object inherits: "constructor" is the name of no global. */
function own(table: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function isCalled(node: SyntaxNode): boolean {
  const inner = wrapped(node);
  const call = childOf(inner, "parent");
  return (call?.type === "CallExpression" || call?.type === "NewExpression") && childOf(call, "callee") === inner;
}

/** Asking for a type harms nobody, and a module that is required by its name is bundled. */
function isHarmless(node: SyntaxNode): boolean {
  const around = childOf(wrapped(node), "parent");
  if (around?.type === "UnaryExpression" && textOf(around, "operator") === "typeof") return true;
  if (textOf(node, "name") !== "require" || around === undefined || !isCalled(node)) return false;
  return textOf(childrenOf(around, "arguments")[0], "value") !== undefined;
}

/** Within code that is given to `unsafe.sandboxUnrestricted`. */
function isUnrestricted(context: RuleContext, node: SyntaxNode): boolean {
  for (const around of ancestorsOf(node)) {
    const callee = around.type === "CallExpression" ? childOf(around, "callee") : undefined;
    const origin = callee === undefined ? undefined : originOf(context, callee);
    if (origin?.module === WORKFLOW_MODULE && origin.path === "unsafe.sandboxUnrestricted") return true;
  }
  return false;
}
