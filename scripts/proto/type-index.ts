import type { DescriptorProto, EnumDescriptorProto, FileDescriptorProto } from "@bufbuild/protobuf/wkt";

/** Where a message or enum is generated. */
export interface TypeEntry {
  /** Path below src/proto/gen. */
  readonly file: string;
  /** Name in that file: nested types are joined with an underscore. */
  readonly name: string;
  readonly message?: DescriptorProto;
  readonly enum?: EnumDescriptorProto;
}

/** All types by full proto name with a leading dot, as descriptors refer to them. */
export type TypeIndex = ReadonlyMap<string, TypeEntry>;

/** Where a proto package goes: `temporal.api.history.v1` is history.ts. */
export function packageFile(name: string): string {
  const parts = name.split(".").filter((part) => !/^v\d+$/.test(part));
  const path = parts[0] === "temporal" ? parts.slice(2) : parts;
  return `${path.join("/")}.ts`;
}

export function indexTypes(files: readonly FileDescriptorProto[]): TypeIndex {
  const index = new Map<string, TypeEntry>();
  for (const file of files) {
    const path = packageFile(file.package);
    const visit = (message: DescriptorProto, proto: string, name: string): void => {
      index.set(proto, { file: path, name, message });
      for (const nested of message.nestedType) visit(nested, `${proto}.${nested.name}`, `${name}_${nested.name}`);
      for (const type of message.enumType)
        index.set(`${proto}.${type.name}`, { file: path, name: `${name}_${type.name}`, enum: type });
    };
    for (const message of file.messageType) visit(message, `.${file.package}.${message.name}`, message.name);
    for (const type of file.enumType)
      index.set(`.${file.package}.${type.name}`, { file: path, name: type.name, enum: type });
  }
  return index;
}
