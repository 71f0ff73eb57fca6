import { isBuiltin } from "../refusals/modules.ts";
import { importUses, variableOf } from "./origin.ts";
import { ALLOW_SCHEMA, allowedNames, type OwnRule } from "./rule.ts";
import { childOf, childrenOf, type SyntaxNode, textOf } from "./syntax.ts";
import { type WorkflowCode, workflowCodeOf } from "./workflow-code.ts";

/** Reports values of the runtime's own modules in workflow code, however they get there. */
export const nodeModules: OwnRule = {
  meta: {
    type: "problem",
    docs: { description: "Refuse modules of the runtime in workflow code" },
    messages: {
      imported:
        'Cannot import "{{module}}" in workflow code: modules of the runtime are out of its reach; move the call to an activity, or use `import type`.',
      used: 'Cannot use "{{name}}" of "{{module}}" in workflow code: modules of the runtime are out of its reach; move the call to an activity.',
    },
    schema: ALLOW_SCHEMA,
  },
  create(context) {
    // Known from the start of the walk on: before it, a tree may not be linked upwards yet.
    let code: WorkflowCode | undefined;
    const allowed = new Set([...allowedNames(context)].map((name) => bare(String(name))));
    const isRefused = (module: string): boolean => isBuiltin(module) && !allowed.has(bare(module));
    const check = (node: SyntaxNode, module: string | undefined): void => {
      if (module === undefined || !isRefused(module) || code?.contains(node) !== true) return;
      context.report({ node, messageId: "imported", data: { module } });
    };
    const checkSource = (node: SyntaxNode): void => {
      if (!isForTypes(node)) check(node, textOf(childOf(node, "source"), "value"));
    };
    return {
      Program() {
        code = workflowCodeOf(context);
        // A program may import them: there it counts what its workflows use.
        if (code === undefined || code.isWhole) return;
        for (const { module, path, node } of importUses(context, isRefused))
          if (code.contains(node)) context.report({ node, messageId: "used", data: { module, name: path || "*" } });
      },
      ImportDeclaration: checkSource,
      ImportExpression: checkSource,
      ExportNamedDeclaration: checkSource,
      ExportAllDeclaration: checkSource,
      TSImportEqualsDeclaration(node) {
        const reference = childOf(node, "moduleReference");
        if (reference === undefined || isForTypes(node)) return;
        check(node, textOf(childOf(reference, "expression"), "value"));
      },
      CallExpression(node) {
        const callee = childOf(node, "callee");
        if (callee === undefined || textOf(callee, "name") !== "require") return;
        const isGlobal = (variableOf(context, callee)?.defs.length ?? 0) === 0;
        if (isGlobal) check(node, textOf(childrenOf(node, "arguments")[0], "value"));
      },
    };
  },
};

/** "node:path" and "path" are one module. */
function bare(module: string): string {
  return module.replace(/^node:/, "");
}

/** True if nothing of an import or export is there when the code runs. */
function isForTypes(node: SyntaxNode): boolean {
  if (textOf(node, "importKind") === "type" || textOf(node, "exportKind") === "type") return true;
  const parts = childrenOf(node, "specifiers");
  return (
    parts.length > 0 &&
    parts.every((part) => textOf(part, "importKind") === "type" || textOf(part, "exportKind") === "type")
  );
}
