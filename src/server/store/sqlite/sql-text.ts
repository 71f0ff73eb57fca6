/**
 * Text as it is stored: SQLite ends a string at a NUL, which a workflow id may hold, so NUL becomes 1 1 and 1 becomes 1 2.
 * Order and common prefixes stay as they were.
 */
export function toSqlText(text: string): string {
  if (!text.includes("\0") && !text.includes("\u0001")) return text;
  return text.replaceAll("\u0001", "\u0001\u0002").replaceAll("\0", "\u0001\u0001");
}

/** Undoes {@link toSqlText}. */
export function fromSqlText(text: string): string {
  if (!text.includes("\u0001")) return text;
  return text.replaceAll("\u0001\u0001", "\0").replaceAll("\u0001\u0002", "\u0001");
}

/** Key of a custom search attribute in the stored JSON, free of what a JSON path treats specially. */
export function toAttributeKey(name: string): string {
  return toSqlText(name).replaceAll(/["\\%]/g, (character) => `%${character.codePointAt(0)}`);
}

/** Undoes {@link toAttributeKey}. */
export function fromAttributeKey(key: string): string {
  return fromSqlText(key.replaceAll(/%(34|92|37)/g, (_, code: string) => String.fromCodePoint(Number(code))));
}
