const FROZEN =
  /object is not extensible|Cannot assign to read only property|Cannot redefine property|Cannot delete property|Cannot change this collection/;

/** What to do about an error that came of changing what runs share; `undefined` if it came of something else. */
export function frozenAdvice(message: string, guarded: readonly string[]): string | undefined {
  if (guarded.length === 0 || !FROZEN.test(message)) return undefined;
  const names = [...new Set(guarded.map((key) => key.slice(0, key.lastIndexOf("@", key.indexOf("/", 1)))))];
  return `all workflows share ${names.map((name) => `"${name}"`).join(" and ")}, frozen; if it is that which the code changes, name it in unsharedModules of the worker's workflowRunner`;
}
