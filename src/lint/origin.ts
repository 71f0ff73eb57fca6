import type { RuleContext, Scope, ScopeVariable } from "./rule.ts";
import { childOf, memberAccess, memberName, type SyntaxNode, textOf, unwrap, wrapped } from "./syntax.ts";

/** Where the value of an expression was imported from. */
export interface Origin {
  readonly module: string;
  /** The export and its members, joined by dots: "unsafe.sandboxUnrestricted". */
  readonly path: string;
}

/** One use of what a file imports. */
export interface ImportUse extends Origin {
  /** The name or member access, as much of it as is `path`. */
  readonly node: SyntaxNode;
}

/** Where a name or a chain of members comes from; `undefined` if it is no import. */
export function originOf(context: RuleContext, expression: SyntaxNode): Origin | undefined {
  const node = unwrap(expression);
  if (node.type === "Identifier") {
    const variable = variableOf(context, node);
    return variable === undefined ? undefined : importOf(variable);
  }
  const object = node.type === "MemberExpression" ? childOf(node, "object") : undefined;
  const name = memberName(node);
  if (object === undefined || name === undefined) return undefined;
  const origin = originOf(context, object);
  return origin === undefined ? undefined : { ...origin, path: joined(origin.path, name) };
}

/** What a name refers to; `undefined` for globals. */
export function variableOf({ sourceCode }: RuleContext, identifier: SyntaxNode): ScopeVariable | undefined {
  const name = textOf(identifier, "name");
  if (name === undefined) return undefined;
  for (let scope: Scope | null = sourceCode.getScope(identifier); scope !== null; scope = scope.upper) {
    const found = scope.set.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Every use of a value that the file imports from one of the modules; members are followed as far as they are named. */
export function importUses(context: RuleContext, isWanted: (module: string) => boolean): ImportUse[] {
  return topVariables(context).flatMap((variable) => {
    const origin = importOf(variable);
    if (origin === undefined || !isWanted(origin.module)) return [];
    return variable.references
      .filter(({ isTypeReference }) => isTypeReference !== true)
      .map(({ identifier }) => longest({ ...origin, node: identifier }));
  });
}

/** What the file itself declares and imports. */
function topVariables({ sourceCode }: RuleContext): readonly ScopeVariable[] {
  const global = sourceCode.getScope(sourceCode.ast);
  return [global, ...global.childScopes].flatMap(({ variables }) => variables);
}

function longest(use: ImportUse): ImportUse {
  const member = memberAccess(use.node);
  if (member === undefined) return { ...use, node: wrapped(use.node) };
  return longest({ module: use.module, path: joined(use.path, member.name), node: member.node });
}

/** The export that a variable is; its path is empty if the variable is the module as a whole. */
function importOf({ defs }: ScopeVariable): Origin | undefined {
  const found = defs.find(({ type }) => type === "ImportBinding");
  const declaration = found?.parent ?? undefined;
  const module = declaration === undefined ? undefined : textOf(childOf(declaration, "source"), "value");
  if (found === undefined || declaration === undefined || module === undefined) return undefined;
  if (textOf(declaration, "importKind") === "type" || textOf(found.node, "importKind") === "type") return undefined;
  const imported = childOf(found.node, "imported");
  switch (found.node.type) {
    case "ImportNamespaceSpecifier":
      return { module, path: "" };
    case "ImportDefaultSpecifier":
      return { module, path: "default" };
    default:
      return { module, path: textOf(imported, "name") ?? textOf(imported, "value") ?? "" };
  }
}

function joined(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
