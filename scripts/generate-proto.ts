/** Writes src/proto/gen from proto/temporal-api.binpb: one file a package, an interface and a codec for each message. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path/posix";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { emitPackage } from "./proto/emit-package.ts";
import { indexTypes, packageFile } from "./proto/type-index.ts";

const root = new URL("../", import.meta.url);
const output = new URL("src/proto/gen/", root);
const set = fromBinary(FileDescriptorSetSchema, readFileSync(new URL("proto/temporal-api.binpb", root)));
const index = indexTypes(set.file);

rmSync(output, { recursive: true, force: true });
const packages = groupByPackage();
for (const [name, files] of packages) {
  const path = packageFile(name);
  const target = new URL(path, output);
  mkdirSync(new URL("./", target), { recursive: true });
  writeFileSync(
    target,
    emitPackage(files, index, (other) => toSpecifier(path, other)),
  );
}

function groupByPackage(): Map<string, typeof set.file> {
  const groups = new Map<string, typeof set.file>();
  for (const file of set.file) groups.set(file.package, [...(groups.get(file.package) ?? []), file]);
  return groups;
}

function toSpecifier(from: string, to: string): string {
  const path = relative(dirname(from), to);
  return path.startsWith(".") ? path : `./${path}`;
}
