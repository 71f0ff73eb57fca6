/** Adds the symbols that class bodies name for `using`, which older engines lack. */
export function installDisposalSymbols(): void {
  for (const name of ["dispose", "asyncDispose"]) {
    if (!(name in Symbol)) Object.defineProperty(Symbol, name, { value: Symbol(`Symbol.${name}`) });
  }
}
