/**
 * Makes proto/temporal-api.binpb anew: the schema of Temporal's API as a FileDescriptorSet, without comments and, but
 * for those of methods that say how they are called over HTTP, without options.
 *
 * Run by hand when the API moves: `npx tsx scripts/refresh-api.ts [version of @temporalio/core-bridge]`. The published
 * package is fetched into a temporary folder and is no dependency of ours; so is the compiler, `@bufbuild/buf`.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  FileDescriptorSetSchema,
  type MethodOptions,
  MethodOptionsSchema,
} from "@bufbuild/protobuf/wkt";

const version = process.argv[2] ?? "1.24.0";
const target = new URL("../proto/temporal-api.binpb", import.meta.url);
const reflection = new URL("../proto/reflection.proto", import.meta.url);
/** Number of the extension `google.api.http` of methods' options. */
const HTTP_EXTENSION = 72_295_728;
/** Files that only carry options, which the schema does without. */
const dropped =
  /^(google\/api|protoc-gen-openapiv2|nexusannotations)\/|^temporal\/api\/protometa\/|^google\/protobuf\/descriptor\.proto$/;

const work = mkdtempSync(join(tmpdir(), "temporal-api-"));
try {
  const npm = (...args: string[]): void =>
    void execFileSync("npm", [...args, "--prefix", work, "--ignore-scripts", "--no-audit", "--no-fund"], {
      stdio: "inherit",
    });
  npm("install", `@temporalio/core-bridge@${version}`, "@bufbuild/buf@1");
  execFileSync("node", [join(work, "node_modules/@bufbuild/buf/install.js")], { stdio: "ignore" });
  const protos = join(work, "node_modules/@temporalio/core-bridge/sdk-core/crates/protos/protos");
  const sources = join(work, "sources");
  for (const folder of ["api_upstream", "api_cloud_upstream", "testsrv_upstream"])
    cpSync(join(protos, folder), sources, { recursive: true });
  for (const folder of ["google", "grpc", "protoc-gen-openapiv2"])
    cpSync(join(protos, folder), join(sources, folder), { recursive: true });
  mkdirSync(join(sources, "grpc/reflection/v1"), { recursive: true });
  cpSync(reflection, join(sources, "grpc/reflection/v1/reflection.proto"));
  rmSync(join(sources, "buf.lock"), { force: true });
  writeFileSync(join(sources, "buf.yaml"), "version: v2\n");
  const image = join(work, "image.binpb");
  execFileSync(
    join(work, "node_modules/.bin/buf"),
    ["build", "--exclude-source-info", "--as-file-descriptor-set", "-o", image],
    { cwd: sources, stdio: "inherit" },
  );
  writeFileSync(target, strip(readFileSync(image)));
} finally {
  rmSync(work, { recursive: true, force: true });
}

function strip(image: Uint8Array): Uint8Array {
  const set = fromBinary(FileDescriptorSetSchema, image);
  set.file = set.file.filter((file) => !dropped.test(file.name));
  for (const file of set.file) {
    file.dependency = file.dependency.filter((name) => !dropped.test(name));
    file.publicDependency = [];
    file.options = undefined;
    file.extension = [];
    for (const service of file.service) {
      service.options = undefined;
      for (const method of service.method) method.options = httpOptions(method.options);
    }
    for (const type of file.enumType) {
      type.options = undefined;
      for (const value of type.value) value.options = undefined;
    }
    for (const message of file.messageType) stripMessage(message);
  }
  return toBinary(FileDescriptorSetSchema, set);
}

/** Of a method's options, the extension `google.api.http`; its type is not in the schema, so it stays encoded. */
function httpOptions(options: MethodOptions | undefined): MethodOptions | undefined {
  const unknown = options?.$unknown?.filter(({ no }) => no === HTTP_EXTENSION) ?? [];
  return unknown.length === 0 ? undefined : { ...create(MethodOptionsSchema), $unknown: unknown };
}

function stripMessage(message: DescriptorProto): void {
  if (message.options?.mapEntry !== true) message.options = undefined;
  for (const field of message.field) field.options = undefined;
  for (const oneof of message.oneofDecl) oneof.options = undefined;
  for (const type of message.enumType) {
    type.options = undefined;
    for (const value of type.value) value.options = undefined;
  }
  for (const nested of message.nestedType) stripMessage(nested);
}
