/** The text that the web's APIs make of an argument; a symbol has none. @throws {TypeError} For a symbol. */
export function toText(value: unknown): string {
  if (typeof value === "symbol") throw new TypeError("Cannot convert a Symbol value to a string");
  return String(value);
}
