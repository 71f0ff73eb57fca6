import { MemoryStore } from "./memory-store.ts";
import { describeStore, type StoreHarness } from "./store.suite.ts";
import { describeVisibility } from "./visibility.suite.ts";

const harness: StoreHarness = {
  open: () => Promise.resolve(new MemoryStore()),
  reopen: (store) => Promise.resolve((store as MemoryStore).copy()),
};

describeStore("the memory store", harness);
describeVisibility("the memory store", harness);
