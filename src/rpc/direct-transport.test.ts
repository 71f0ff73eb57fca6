import { describe } from "vitest";
import { DirectTransport } from "./direct-transport.ts";
import { transportSuite } from "./transport.suite.ts";

describe("DirectTransport", () => {
  transportSuite((handler) =>
    Promise.resolve({ transport: new DirectTransport(handler), stop: () => Promise.resolve() }),
  );
});
