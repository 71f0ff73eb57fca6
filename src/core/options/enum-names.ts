/** A name as the API spells it: `timedOut` is `TIMED_OUT`. */
type ApiName<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? Uppercase<First> : `_${First}`}${ApiName<Rest>}`
  : "";

/** Translates between an enum of the API and the names that this package has for its values. */
export interface EnumNames<Name extends string, Code extends number> {
  /** The number of a name. */
  toCode(name: Name): Code;
  /** The name of a number; `undefined` for one that has none here, as one of a later version. */
  toName(code: number): Name | undefined;
}

/** Pairs names with the numbers of the API's enum; that each name has its number, the types see to. */
export function enumNames<Name extends string, const Codes extends Readonly<Record<ApiName<Name>, number>>>(
  names: Readonly<Record<Name, string>>,
  codes: Codes,
): EnumNames<Name, Codes[keyof Codes] & number> {
  const codesByName = {} as Record<Name, Codes[keyof Codes] & number>;
  const namesByCode = new Map<number, Name>();
  for (const name of Object.keys(names) as Name[]) {
    const code = codes[name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase() as ApiName<Name>];
    codesByName[name] = code;
    namesByCode.set(code, name);
  }
  return { toCode: (name) => codesByName[name], toName: (code) => namesByCode.get(code) };
}
