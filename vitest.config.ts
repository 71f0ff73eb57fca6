import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  esbuild: { target: "es2023" },
  resolve: {
    alias: [{ find: /^perdure\/(.+)$/, replacement: `${fileURLToPath(new URL("src/", import.meta.url))}$1.ts` }],
  },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "examples/**/*.test.ts"],
    pool: "forks",
    // Tests wait for nothing but work, and how long that takes is the machine's affair.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // One less than there are, the default, leaves half of a machine with two processors idle.
    maxWorkers: availableParallelism(),
    setupFiles: ["test/property-seed.ts"],
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      exclude: [
        "src/proto/gen/**",
        "src/**/*.test.ts",
        "src/**/*.suite.ts",
        "src/**/*.test-support.ts",
        "src/**/*.workflows.ts",
      ],
      reporter: ["text-summary"],
      thresholds: { lines: 80, functions: 80, branches: 70 },
    },
  },
});
