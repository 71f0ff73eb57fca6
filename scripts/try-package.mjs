/** Packs the package, installs it in an empty folder as a user would, and runs the quick start and activities in threads and processes there. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "perdure-package-"));
try {
  const { devDependencies, version } = JSON.parse(readFileSync("package.json", "utf8"));
  execFileSync("npm", ["run", "build", "--silent"], { stdio: "inherit" });
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { stdio: "inherit" });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  execFileSync(
    "npm",
    [
      "install",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--silent",
      `./perdure-${version}.tgz`,
      `tsx@${devDependencies.tsx}`,
    ],
    { cwd: folder, stdio: "inherit" },
  );
  cpSync("examples/hello", folder, { recursive: true });
  const output = execFileSync(process.execPath, ["--import", "tsx", "main.ts"], {
    cwd: folder,
    encoding: "utf8",
    timeout: 120_000,
  });
  process.stdout.write(output);
  if (!output.startsWith("Result: Hello, World!\n"))
    throw new Error('The quick start from the packed package did not print "Result: Hello, World!"');
  cpSync("scripts/package-trial", folder, { recursive: true });
  const placed = execFileSync(process.execPath, ["main.mjs"], { cwd: folder, encoding: "utf8", timeout: 120_000 });
  process.stdout.write(placed);
  if (placed !== "placed\n") throw new Error("Activities in threads and processes did not run from the packed package");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
