import { forgottenPromise } from "./forgotten-promise.ts";
import { nodeModules } from "./node-modules.ts";
import { refusedGlobals } from "./refused-globals.ts";
import type { LintRule } from "./rule.ts";

/** A plugin in the format of ESLint 9, which oxlint takes too. */
export interface LintPlugin {
  /** What linters call it; its rules are named after `namespace`. */
  readonly meta: { readonly name: string; readonly version: string; readonly namespace: string };
  /** By name, without the namespace. */
  readonly rules: Readonly<Record<string, LintRule>>;
  /** Configurations for ESLint's flat format. */
  readonly configs: {
    /** All rules, as errors. */
    readonly recommended: LintConfig;
  };
}

/** One entry of a flat configuration. */
export interface LintConfig {
  readonly name: string;
  readonly plugins: Record<string, LintPlugin>;
  readonly rules: Record<string, "error">;
}

const NAMESPACE = "perdure";

const rules: Readonly<Record<string, LintRule>> = {
  "no-refused-globals": refusedGlobals,
  "no-node-modules": nodeModules,
  "no-forgotten-promise": forgottenPromise,
};

/** Rules that find in an editor what the sandbox refuses when workflow code runs. */
export const plugin: LintPlugin = {
  meta: { name: NAMESPACE, version: "0.1.0", namespace: NAMESPACE },
  rules,
  configs: {
    recommended: {
      name: `${NAMESPACE}/recommended`,
      // Read late: ESLint wants the very plugin here that the user's file may name too.
      get plugins() {
        return { [NAMESPACE]: plugin };
      },
      rules: Object.fromEntries(Object.keys(rules).map((name) => [`${NAMESPACE}/${name}`, "error"])),
    },
  },
};
