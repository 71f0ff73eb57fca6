import type { SyntaxNode } from "./syntax.ts";

/* The part of ESLint's rule API that the rules of this package use, so that they need no linter to be compiled. */

/** Where a name that is used was declared, or that it was not. */
export interface ScopeReference {
  readonly identifier: SyntaxNode;
  /** Set by the scopes of TypeScript: the name stands for a type. */
  readonly isTypeReference?: boolean;
}

/** One declaration of a name. */
export interface ScopeDefinition {
  /** Such as "ImportBinding" or "Variable". */
  readonly type: string;
  /** The part that declares this name, such as an import's specifier. */
  readonly node: SyntaxNode;
  /** The declaration as a whole; of some there is none. */
  readonly parent?: SyntaxNode | null;
}

/** A name of a scope with everything that refers to it. */
export interface ScopeVariable {
  readonly name: string;
  /** None for globals that the linter was told of. */
  readonly defs: readonly ScopeDefinition[];
  readonly references: readonly ScopeReference[];
}

/** Names that are visible in a part of a file. */
export interface Scope {
  readonly upper: Scope | null;
  readonly set: ReadonlyMap<string, ScopeVariable>;
  readonly variables: readonly ScopeVariable[];
  /** Of names that neither this scope nor any within it declares. */
  readonly through: readonly ScopeReference[];
  readonly childScopes: readonly Scope[];
}

/** What a linter gives a rule for one file. */
export interface RuleContext {
  readonly options: readonly unknown[];
  readonly sourceCode: {
    readonly ast: SyntaxNode;
    getScope(node: SyntaxNode): Scope;
  };
  report(problem: {
    readonly node: SyntaxNode;
    readonly messageId: string;
    readonly data: Readonly<Record<string, string>>;
  }): void;
}

/** Called for the nodes of a file, by their type. */
export type RuleVisitor = Readonly<Record<string, (node: SyntaxNode) => void>>;

/** What a rule tells of itself. */
export interface RuleMeta {
  readonly type: "problem";
  readonly docs: { readonly description: string };
  /** By their ids, with the names of their data in double braces. */
  readonly messages: Record<string, string>;
  /** JSON Schemas of its options. */
  readonly schema: object[];
}

/** A rule in ESLint's format. */
export interface LintRule {
  readonly meta: RuleMeta;
  /** The context is what the linter gives for each file; its type is the linter's own. */
  create(context: never): RuleVisitor;
}

/** A rule as it is written here. */
export interface OwnRule extends LintRule {
  create(context: RuleContext): RuleVisitor;
}

/** Options of rules that take exceptions: those which a worker's `restrictions` allow. */
export const ALLOW_SCHEMA: object[] = [
  {
    type: "object",
    properties: { allow: { type: "array", items: { type: "string" }, uniqueItems: true } },
    additionalProperties: false,
  },
];

/** The exceptions that the configuration makes, by name. */
export function allowedNames({ options }: RuleContext): ReadonlySet<unknown> {
  const [given] = options as readonly [{ readonly allow?: readonly string[] }?];
  return new Set(given?.allow);
}
