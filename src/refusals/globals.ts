const NETWORK = "do network calls in an activity";
const MEMORY = "what it shows depends on garbage collection, which no replay repeats";
const THREADS = "workflow code runs in one thread; leave parallel work to activities";

/** Globals of the host that workflow code has not, with what to do instead. */
export const ABSENT_GLOBALS: Readonly<Record<string, string>> = {
  process: "pass what the workflow needs as an argument, or read it in an activity",
  require: "import modules at the top of the file",
  Buffer: "use Uint8Array, TextEncoder and TextDecoder",
  fetch: NETWORK,
  Request: NETWORK,
  Response: NETWORK,
  Headers: NETWORK,
  WebSocket: NETWORK,
  XMLHttpRequest: NETWORK,
  EventSource: NETWORK,
  navigator: "ask for the host's properties in an activity",
  setImmediate: "use setTimeout or workflow.sleep",
  clearImmediate: "use clearTimeout",
  WeakRef: MEMORY,
  FinalizationRegistry: MEMORY,
  SharedArrayBuffer: THREADS,
  Atomics: THREADS,
  Worker: THREADS,
  MessageChannel: THREADS,
  BroadcastChannel: THREADS,
  WebAssembly: "run compiled code in an activity",
};

/** Members of globals that throw when they are read, by their paths, with the reason and what to do instead. */
export const REFUSED_MEMBERS = {
  "crypto.subtle": "it waits for the host; hash and encrypt in an activity",
} as const satisfies Readonly<Record<string, string>>;

/** What makes code of text, which the engine refuses in the sandbox whatever the text says. */
export const CODE_MAKERS: Readonly<Record<string, string>> = {
  eval: "code cannot be made of text; write it into a module",
  Function: "code cannot be made of text; write it into a module",
};
