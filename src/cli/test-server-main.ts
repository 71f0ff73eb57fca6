#!/usr/bin/env node
// The official SDKs start a test server by its path and give it a port as its first argument.
process.argv.splice(2, 0, "test-server");
await import("./main.ts");

export {};
