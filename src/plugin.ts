export { SimplePlugin } from "./plugin/simple-plugin.ts";
export type { PluginParameter, SimplePluginOptions } from "./plugin/simple-plugin.ts";
