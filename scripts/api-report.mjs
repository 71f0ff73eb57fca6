/**
 * Compares what each subpath exports with its report in etc/api, and fails on a difference; with --local, writes the
 * reports anew. Needs a build.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor";

const local = process.argv.includes("--local");
const root = process.cwd();
const reports = join(root, "etc/api");
const scratch = join(root, "node_modules/.cache/api");
mkdirSync(reports, { recursive: true });
mkdirSync(scratch, { recursive: true });

const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
let differs = false;
for (const subpath of Object.keys(exports).filter((name) => name !== "./package.json")) {
  const name = subpath.slice(2);
  const config = ExtractorConfig.prepare({
    packageJsonFullPath: join(root, "package.json"),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: join(root, `dist/${name}.d.ts`),
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: "es2023",
            lib: ["es2023", "esnext.disposable"],
            module: "nodenext",
            moduleResolution: "nodenext",
            strict: true,
            skipLibCheck: true,
            types: ["node"],
          },
          include: ["dist"],
        },
      },
      apiReport: { enabled: true, reportFileName: `${name}.api.md`, reportFolder: reports, reportTempFolder: scratch },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: "none" } },
        extractorMessageReporting: { default: { logLevel: "none" } },
        tsdocMessageReporting: { default: { logLevel: "none" } },
      },
    },
  });
  const result = Extractor.invoke(config, {
    localBuild: local,
    showVerboseMessages: false,
    messageCallback: (message) => (message.handled = true),
  });
  if (result.apiReportChanged && !local) {
    differs = true;
    console.error(
      `The exports of perdure/${name} are not those of etc/api/${name}.api.md; if that is meant, run: npm run api`,
    );
  }
}
if (differs) process.exit(1);
