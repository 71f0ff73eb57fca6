/* Evaluated before anything else of a realm, for older engines lack symbols that class bodies name. */

for (const name of ["dispose", "asyncDispose"]) {
  if (!(name in Symbol)) Object.defineProperty(Symbol, name, { value: Symbol(`Symbol.${name}`) });
}
