import {
  type DescriptorProto,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import type { Scope } from "./emit-package.ts";

interface Scalar {
  readonly type: string;
  readonly zero: string;
  /** Method of Reader and Writer. */
  readonly method: string;
  readonly wire: 0 | 1 | 2 | 5;
}

const scalars: Partial<Record<Type, Scalar>> = {
  [Type.DOUBLE]: { type: "number", zero: "0", method: "double", wire: 1 },
  [Type.FLOAT]: { type: "number", zero: "0", method: "float", wire: 5 },
  [Type.INT64]: { type: "number", zero: "0", method: "int64", wire: 0 },
  [Type.UINT64]: { type: "number", zero: "0", method: "uint64", wire: 0 },
  [Type.INT32]: { type: "number", zero: "0", method: "int32", wire: 0 },
  [Type.UINT32]: { type: "number", zero: "0", method: "uint32", wire: 0 },
  [Type.BOOL]: { type: "boolean", zero: "false", method: "bool", wire: 0 },
  [Type.STRING]: { type: "string", zero: '""', method: "string", wire: 2 },
  [Type.BYTES]: { type: "Uint8Array", zero: "noBytes", method: "byteArray", wire: 2 },
};

/** One field with all that the emitters ask of it. */
interface Field {
  readonly proto: FieldDescriptorProto;
  readonly property: string;
  readonly shape: "single" | "repeated" | "map";
  readonly oneof: string | undefined;
  /** Of the value; of a map's value for maps. */
  readonly value: Value;
  readonly key: Value | undefined;
}

interface Value {
  readonly type: string;
  readonly zero: string | undefined;
  readonly wire: 0 | 1 | 2 | 5;
  readonly packable: boolean;
  read(): string;
  write(value: string): string;
  create(value: string): string;
  readonly reflect: { readonly make: string; readonly argument: string };
}

/** Interface and codec of one message. */
export function emitMessage(message: DescriptorProto, typeName: string, name: string, scope: Scope): string {
  const fields = message.field.map((field) => toField(field, message, scope));
  const oneofs = [...new Set(fields.map((field) => field.oneof).filter((oneof) => oneof !== undefined))];
  return [
    `export interface ${name} {`,
    ...fields.filter((field) => field.oneof === undefined).map((field) => `  ${field.property}: ${typeOf(field)};`),
    ...oneofs.map((oneof) => `  ${oneof}: ${unionOf(fields.filter((field) => field.oneof === oneof))};`),
    "  $unknown?: Uint8Array;",
    "}",
    `export const ${name}: MessageType<${name}> = /* @__PURE__ */ messageType<${name}>(`,
    `  "${typeName}",`,
    ...emitBlank(fields, oneofs, name),
    ...emitCreate(fields, oneofs, name),
    ...emitWrite(fields, oneofs, name),
    ...emitRead(fields, name),
    ...emitFields(fields),
    ");",
    "",
  ].join("\n");
}

function toField(proto: FieldDescriptorProto, message: DescriptorProto, scope: Scope): Field {
  const repeated = proto.label === FieldDescriptorProto_Label.REPEATED;
  const entry = proto.type === Type.MESSAGE ? scope.index.get(proto.typeName)?.message : undefined;
  const isMap = repeated && entry?.options?.mapEntry === true;
  const [key, value] = isMap ? (entry?.field ?? []) : [];
  const inOneof = proto.oneofIndex !== undefined && Object.hasOwn(proto, "oneofIndex");
  const oneof = inOneof ? message.oneofDecl[proto.oneofIndex]?.name : undefined;
  return {
    proto,
    property: camel(proto.name),
    shape: isMap ? "map" : repeated ? "repeated" : "single",
    oneof: oneof === undefined ? undefined : camel(oneof),
    value: toValue(value ?? proto, scope),
    key: key === undefined ? undefined : toValue(key, scope),
  };
}

function toValue(field: FieldDescriptorProto, scope: Scope): Value {
  const scalar = scalars[field.type];
  if (scalar !== undefined)
    return {
      ...scalar,
      packable: scalar.wire !== 2,
      read: () => `r.${scalar.method}()`,
      write: (value) => `w.${scalar.method}(${value})`,
      create: (value) => value,
      reflect: { make: "scalarField", argument: String(field.type) },
    };
  const type = scope.refer(field.typeName);
  if (field.type === Type.ENUM)
    return {
      type,
      zero: "0",
      wire: 0,
      packable: true,
      read: () => `r.int32() as ${type}`,
      write: (value) => `w.int32(${value})`,
      create: (value) => value,
      reflect: { make: "enumField", argument: `${type}$names` },
    };
  if (field.type !== Type.MESSAGE)
    throw new Error(`Cannot generate field "${field.name}": type ${field.type} is not used by the API so far`);
  return {
    type,
    zero: undefined,
    wire: 2,
    packable: false,
    read: () => `${type}.read(r, r.delimit())`,
    write: (value) => `{ const at = w.fork(); ${type}.write(w, ${value}); w.join(at); }`,
    create: (value) => `${type}.create(${value})`,
    reflect: { make: "messageField", argument: `() => ${type}` },
  };
}

function typeOf(field: Field): string {
  if (field.shape === "map") return `{ [key: string]: ${field.value.type} }`;
  if (field.shape === "repeated") return `${field.value.type}[]`;
  return field.value.zero === undefined ? `${field.value.type} | undefined` : field.value.type;
}

function unionOf(fields: readonly Field[]): string {
  return `${fields.map((field) => `{ case: "${field.property}"; value: ${field.value.type} }`).join(" | ")} | undefined`;
}

/** What decoding starts from; apart from `create` because it runs for every message read. */
function emitBlank(fields: readonly Field[], oneofs: readonly string[], name: string): string[] {
  const lines = [`  (): ${name} => ({`];
  for (const field of fields) {
    if (field.oneof !== undefined) continue;
    lines.push(
      `    ${field.property}: ${field.shape === "map" ? "{}" : field.shape === "repeated" ? "[]" : (field.value.zero ?? "undefined")},`,
    );
  }
  for (const oneof of oneofs) lines.push(`    ${oneof}: undefined,`);
  lines.push("  }),");
  return lines;
}

function emitCreate(fields: readonly Field[], oneofs: readonly string[], name: string): string[] {
  const lines = [`  (i): ${name} => ({`];
  for (const field of fields) {
    if (field.oneof !== undefined) continue;
    const at = `i.${field.property}`;
    const isMessage = field.value.zero === undefined;
    if (field.shape === "map")
      lines.push(
        `    ${field.property}: ${at} === undefined ? {} : Object.fromEntries(Object.entries(${at}).map(([k, v]) => [k, ${isMessage ? `${field.value.type}.create(v)` : "v!"}])),`,
      );
    else if (field.shape === "repeated")
      lines.push(
        `    ${field.property}: ${at} === undefined ? [] : ${isMessage ? `${at}.map((v) => ${field.value.create("v")})` : `[...${at}]`},`,
      );
    else if (isMessage)
      lines.push(`    ${field.property}: ${at} === undefined ? undefined : ${field.value.create(at)},`);
    else lines.push(`    ${field.property}: ${at} ?? ${field.value.zero},`);
  }
  for (const oneof of oneofs) {
    const cases = fields.filter((field) => field.oneof === oneof);
    lines.push(`    ${oneof}: (() => { const o = i.${oneof}; switch (o?.case) {`);
    for (const field of cases)
      lines.push(
        `      case "${field.property}": return { case: "${field.property}", value: ${field.value.create("o.value")} };`,
      );
    lines.push("      default: return undefined; } })(),");
  }
  lines.push("    ...(i.$unknown === undefined ? {} : { $unknown: i.$unknown }),", "  }),");
  return lines;
}

function emitWrite(fields: readonly Field[], oneofs: readonly string[], name: string): string[] {
  const lines = [`  (w: Writer, m: Init<${name}>): void => {`];
  for (const field of fields) if (field.oneof === undefined) lines.push(`    ${writeField(field)}`);
  for (const oneof of oneofs) {
    lines.push(`    { const o = m.${oneof}; switch (o?.case) {`);
    for (const field of fields.filter((one) => one.oneof === oneof))
      lines.push(`      case "${field.property}": w.uint32(${tagOf(field)}); ${field.value.write("o.value")}; break;`);
    lines.push("    } }");
  }
  lines.push("    if (m.$unknown !== undefined) w.raw(m.$unknown);", "  },");
  return lines;
}

function writeField(field: Field): string {
  const at = `m.${field.property}`;
  const { value, key } = field;
  if (field.shape === "map" && key !== undefined)
    return `if (${at} !== undefined) for (const k of Object.keys(${at})) { const v = ${at}[k]!; w.uint32(${(field.proto.number << 3) | 2}); const e = w.fork(); w.uint32(${(1 << 3) | key.wire}); ${key.write(key.type === "string" ? "k" : "Number(k)")}; w.uint32(${(2 << 3) | value.wire}); ${value.write("v")}; w.join(e); }`;
  if (field.shape === "repeated")
    return value.packable
      ? `if (${at} !== undefined && ${at}.length > 0) { w.uint32(${(field.proto.number << 3) | 2}); const e = w.fork(); for (const v of ${at}) ${value.write("v")}; w.join(e); }`
      : `if (${at} !== undefined) for (const v of ${at}) { w.uint32(${tagOf(field)}); ${value.write("v")}; }`;
  const present =
    value.zero === undefined
      ? `${at} !== undefined`
      : value.type === "Uint8Array"
        ? `${at} !== undefined && ${at}.length > 0`
        : value.type === "number" && value.wire !== 0
          ? `${at} !== undefined && !Object.is(${at}, 0)`
          : at;
  return `if (${present}) { w.uint32(${tagOf(field)}); ${value.write(at)}; }`;
}

function tagOf(field: Field): number {
  return ((field.proto.number << 3) | field.value.wire) >>> 0;
}

function emitRead(fields: readonly Field[], name: string): string[] {
  const lines = [
    `  (r: Reader, end: number, m: ${name}): ${name} => {`,
    "    while (r.pos < end) {",
    "      const tag = r.uint32();",
    "      switch (tag) {",
  ];
  for (const field of fields) lines.push(...readField(field).map((line) => `        ${line}`));
  lines.push("        default: m.$unknown = r.unknown(tag, m.$unknown);", "      }", "    }", "    return m;", "  },");
  return lines;
}

function readField(field: Field): string[] {
  const { value, key, property } = field;
  const number = field.proto.number << 3;
  if (field.shape === "map" && key !== undefined) {
    const zero = value.zero ?? `${value.type}.create()`;
    const keyZero = key.type === "string" ? '""' : "0";
    return [
      `case ${number | 2}: { const stop = r.delimit(); let k: ${key.type} = ${keyZero}; let v: ${value.type} | undefined; while (r.pos < stop) { const t = r.uint32(); if (t === ${(1 << 3) | key.wire}) k = ${key.read()}; else if (t === ${(2 << 3) | value.wire}) v = ${value.read()}; else r.unknown(t, undefined); } setEntry(m.${property}, k, v ?? ${zero}); break; }`,
    ];
  }
  if (field.shape === "repeated") {
    const lines = [`case ${number | value.wire}: m.${property}.push(${value.read()}); break;`];
    if (value.packable)
      lines.push(
        `case ${number | 2}: { const stop = r.delimit(); while (r.pos < stop) m.${property}.push(${value.read()}); break; }`,
      );
    return lines;
  }
  if (field.oneof !== undefined)
    return [`case ${tagOf(field)}: m.${field.oneof} = { case: "${property}", value: ${value.read()} }; break;`];
  if (value.zero === undefined)
    return [`case ${tagOf(field)}: m.${property} = ${value.type}.read(r, r.delimit(), m.${property}); break;`];
  return [`case ${tagOf(field)}: m.${property} = ${value.read()}; break;`];
}

function emitFields(fields: readonly Field[]): string[] {
  const lines = ["  (): readonly FieldInfo[] => ["];
  for (const field of fields) {
    const options = [
      field.shape === "repeated" ? "repeated: true" : "",
      field.key === undefined ? "" : `mapKey: ${field.key.reflect.argument}`,
      field.oneof === undefined ? "" : `oneof: "${field.oneof}"`,
    ].filter((text) => text !== "");
    const tail = options.length === 0 ? "" : `, { ${options.join(", ")} }`;
    lines.push(
      `    ${field.value.reflect.make}(${field.proto.number}, "${field.proto.name}", ${field.value.reflect.argument}${tail}),`,
    );
  }
  lines.push("  ],");
  return lines;
}

function camel(name: string): string {
  return name.replace(/_+(.)/g, (_all, letter: string) => letter.toUpperCase());
}
