import type {
  DescriptorProto,
  FileDescriptorProto,
  MethodDescriptorProto,
  ServiceDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import { emitEnum } from "./emit-enum.ts";
import { emitMessage } from "./emit-message.ts";
import { httpRulesOf } from "./http-rules.ts";
import { packageFile, type TypeIndex } from "./type-index.ts";

/** What emitters need to name a type of another file; remembers the imports that makes necessary. */
export interface Scope {
  readonly index: TypeIndex;
  /** Refers to a type by full proto name with a leading dot. */
  refer(proto: string): string;
}

/** The source of one package's file. */
export function emitPackage(
  files: readonly FileDescriptorProto[],
  index: TypeIndex,
  toSpecifier: (file: string) => string,
): string {
  const own = packageFile(files[0]?.package ?? "");
  const imports = new Map<string, string>();
  const scope: Scope = {
    index,
    refer(proto) {
      const entry = index.get(proto);
      if (entry === undefined) throw new Error(`Cannot refer to "${proto}": no such type in the descriptor set`);
      if (entry.file === own) return entry.name;
      const alias = `$${entry.file.replace(/\.ts$/, "").replaceAll("/", "_")}`;
      imports.set(entry.file, alias);
      return `${alias}.${entry.name}`;
    },
  };
  const body: string[] = [];
  for (const file of files) {
    for (const type of file.enumType) body.push(emitEnum(type, type.name));
    for (const message of file.messageType)
      emitNested(message, `.${file.package}.${message.name}`, message.name, scope, body);
  }
  for (const file of files) for (const service of file.service) body.push(emitService(service, file.package, scope));
  const head = [...imports].toSorted().map(([file, alias]) => `import * as ${alias} from "${toSpecifier(file)}";`);
  const root = toSpecifier("../message.ts");
  return [
    "// Generated from proto/temporal-api.binpb by scripts/generate-proto.ts.",
    `import { enumField, type FieldInfo, type Init, messageField, messageType, type MessageType, type Method, noBytes, scalarField, setEntry } from "${root}";`,
    `import type { Reader, Writer } from "${toSpecifier("../wire.ts")}";`,
    ...head,
    "",
    ...body,
  ].join("\n");
}

function emitNested(message: DescriptorProto, proto: string, name: string, scope: Scope, body: string[]): void {
  if (message.options?.mapEntry === true) return;
  for (const type of message.enumType) body.push(emitEnum(type, `${name}_${type.name}`));
  for (const nested of message.nestedType)
    emitNested(nested, `${proto}.${nested.name}`, `${name}_${nested.name}`, scope, body);
  body.push(emitMessage(message, proto.slice(1), name, scope));
}

function emitService(service: ServiceDescriptorProto, packageName: string, scope: Scope): string {
  const typeName = `${packageName}.${service.name}`;
  const unary = service.method.filter((method) => !method.clientStreaming && !method.serverStreaming);
  const types = unary.map(
    (method) =>
      `    readonly ${method.name}: Method<${scope.refer(method.inputType)}, ${scope.refer(method.outputType)}>;`,
  );
  const values = unary.map(
    (method) =>
      `    ${method.name}: { path: "/${typeName}/${method.name}", request: ${scope.refer(method.inputType)}, response: ${scope.refer(method.outputType)}${emitHttp(method)} },`,
  );
  return [
    `export const ${service.name}: {`,
    "  readonly typeName: string;",
    "  readonly methods: {",
    ...types,
    "  };",
    "} = {",
    `  typeName: "${typeName}",`,
    "  methods: {",
    ...values,
    "  },",
    "};",
    "",
  ].join("\n");
}

function emitHttp(method: MethodDescriptorProto): string {
  const rules = httpRulesOf(method);
  return rules.length === 0 ? "" : `, http: ${JSON.stringify(rules)}`;
}
