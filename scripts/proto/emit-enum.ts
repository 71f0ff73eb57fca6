import type { EnumDescriptorProto } from "@bufbuild/protobuf/wkt";

/** A const object of the values without their common prefix, its type, and the full names by number. */
export function emitEnum(type: EnumDescriptorProto, name: string): string {
  const prefix = commonPrefix(type);
  const values = type.value.map((value) => `  ${toMember(value.name, prefix)}: ${value.number},`);
  const names = type.value.map((value) => `  ${value.number}: "${value.name}",`);
  return [
    `export const ${name} = {`,
    ...values,
    "} as const;",
    `export type ${name} = (typeof ${name})[keyof typeof ${name}];`,
    `export const ${name}$names: { readonly [number: number]: string } = {`,
    ...names,
    "};",
    "",
  ].join("\n");
}

function toMember(value: string, prefix: string): string {
  const member = value.slice(prefix.length);
  return /^\d/.test(member) ? value : member;
}

function commonPrefix(type: EnumDescriptorProto): string {
  const names = type.value.map((value) => value.name);
  let prefix = names[0] ?? "";
  for (const name of names) while (!name.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return names.length < 2
    ? `${prefix.split("_").slice(0, -1).join("_")}_`
    : prefix.slice(0, prefix.lastIndexOf("_") + 1);
}
