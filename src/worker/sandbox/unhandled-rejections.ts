/** Takes note of a promise that was rejected and for which nobody waits; false if it is none of the reporter's. */
export type RejectionReporter = (promise: Promise<unknown>, error: unknown) => boolean;

const reporters: RejectionReporter[] = [];
// Realms come and go, so they are found by their promises and not kept alive by a list.
const reporterOfRealm = new WeakMap<object, RejectionReporter>();
let isWatching = false;

/** Has rejections of promises whose class has this prototype reported, for as long as there are such promises. */
export function watchRealm(promisePrototype: object, report: RejectionReporter): void {
  reporterOfRealm.set(promisePrototype, report);
  watch();
}

/** Has rejections of the process's own promises reported, once for each reporter. */
export function watchRejections(report: RejectionReporter): void {
  if (!reporters.includes(report)) reporters.push(report);
  watch();
}

function watch(): void {
  if (isWatching) return;
  isWatching = true;
  process.on("unhandledRejection", (error, promise) => {
    if (isReported(promise, error)) return;
    // Without a listener the process would end, and this one must not change that.
    if (process.listenerCount("unhandledRejection") === 1) throw error;
  });
}

function isReported(promise: Promise<unknown>, error: unknown): boolean {
  for (let at: unknown = promise; typeof at === "object" && at !== null; at = Object.getPrototypeOf(at)) {
    const report = reporterOfRealm.get(at);
    // What code of a realm leaves behind never ends the process, even where no run can be blamed.
    if (report !== undefined) return report(promise, error) || true;
  }
  return reporters.some((report) => report(promise, error));
}
