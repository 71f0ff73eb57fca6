/** Makes a fresh clone ready: installs packages and generates code, each only if it is missing or older than its source. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const npm = process.platform === "win32" ? "npm.cmd" : "npm";

// Not `npm ci`: it refuses a lock made where a registry lacks the binaries of other platforms, all of them optional.
if (isOlder("node_modules/.package-lock.json", ["package-lock.json"])) {
  console.error("Installing packages …");
  execFileSync(npm, ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
}
const generators = [
  "proto/temporal-api.binpb",
  "scripts/generate-proto.ts",
  ...readdirSync(join(root, "scripts/proto")).map((name) => `scripts/proto/${name}`),
];
if (isOlder("src/proto/gen/workflowservice.ts", generators)) {
  console.error("Generating protobuf code …");
  execFileSync(process.execPath, ["--import", "tsx", "scripts/generate-proto.ts"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
}

function isOlder(target, sources) {
  if (!existsSync(join(root, target))) return true;
  const made = statSync(join(root, target)).mtimeMs;
  return sources.some((source) => statSync(join(root, source)).mtimeMs > made);
}
