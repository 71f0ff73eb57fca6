// Of all subpaths only this one has a default export: oxlint takes a plugin from nowhere else, and ESLint's documentation wants it there.
export { plugin as default } from "./lint/plugin.ts";
export type { LintConfig, LintPlugin } from "./lint/plugin.ts";
export type { LintRule, RuleMeta, RuleVisitor } from "./lint/rule.ts";
export type { SyntaxNode } from "./lint/syntax.ts";
