/** Prints the milliseconds that it takes to import the client. */
const started = performance.now();
await import("perdure/client");
console.log((performance.now() - started).toFixed(1));

export {};
