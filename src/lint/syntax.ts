/** A node of a syntax tree in the form of ESTree, as far as it is known without its type: its fields are read with {@link childOf}. */
export interface SyntaxNode {
  readonly type: string;
}

/** The node in a field of another; `undefined` if there is none. */
export function childOf(node: SyntaxNode, field: string): SyntaxNode | undefined {
  const value: unknown = Reflect.get(node, field);
  return isNode(value) ? value : undefined;
}

/** The nodes of a field that holds a list; none if it does not. Gaps in the list are left out. */
export function childrenOf(node: SyntaxNode, field: string): readonly SyntaxNode[] {
  const value: unknown = Reflect.get(node, field);
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The text of a field; `undefined` if it holds something else. */
export function textOf(node: SyntaxNode | undefined, field: string): string | undefined {
  const value: unknown = node === undefined ? undefined : Reflect.get(node, field);
  return typeof value === "string" ? value : undefined;
}

/** What is around a node, from the inside out. */
export function* ancestorsOf(node: SyntaxNode): Generator<SyntaxNode, void, undefined> {
  for (let at = childOf(node, "parent"); at !== undefined; at = childOf(at, "parent")) yield at;
}

/** What decides an expression's value, without the parts that are there for types only. */
export function unwrap(node: SyntaxNode): SyntaxNode {
  const inner = isWrapper(node) ? childOf(node, "expression") : undefined;
  return inner === undefined ? node : unwrap(inner);
}

/** The expression that a node is the value of, with the parts around it that are there for types only. */
export function wrapped(node: SyntaxNode): SyntaxNode {
  const around = childOf(node, "parent");
  return around !== undefined && isWrapper(around) ? wrapped(around) : node;
}

/** The member access that `node` is the object of; `undefined` if it is none, or if its name is computed. */
export function memberAccess(node: SyntaxNode): { readonly node: SyntaxNode; readonly name: string } | undefined {
  const inner = wrapped(node);
  const around = childOf(inner, "parent");
  if (around?.type !== "MemberExpression" || childOf(around, "object") !== inner) return undefined;
  const name = memberName(around);
  return name === undefined ? undefined : { node: around, name };
}

/** The name after the dot of a member access, or the text in its brackets. */
export function memberName(member: SyntaxNode): string | undefined {
  const property = childOf(member, "property");
  return Reflect.get(member, "computed") === true ? textOf(property, "value") : textOf(property, "name");
}

/** The value of a property of an object that is written out; `undefined` if it has none of the name. */
export function propertyOf(node: SyntaxNode | undefined, name: string): SyntaxNode | undefined {
  if (node?.type !== "ObjectExpression") return undefined;
  const found = childrenOf(node, "properties").find((property) => {
    const key = childOf(property, "key");
    return textOf(key, "name") === name || textOf(key, "value") === name;
  });
  return found === undefined ? undefined : childOf(found, "value");
}

const WRAPPERS: ReadonlySet<string> = new Set([
  "ChainExpression",
  "ParenthesizedExpression",
  "TSAsExpression",
  "TSInstantiationExpression",
  "TSNonNullExpression",
  "TSSatisfiesExpression",
  "TSTypeAssertion",
]);

function isWrapper(node: SyntaxNode): boolean {
  return WRAPPERS.has(node.type);
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, "type") === "string";
}
