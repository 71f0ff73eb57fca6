import { expect, test } from "vitest";
import { initialize, Trial } from "./sandbox.test-support.ts";

/** A workflow that evaluates an expression of the argument. */
async function evaluate(expression: string, args: readonly unknown[] = []): Promise<unknown> {
  const trial = await Trial.of({
    "workflows.ts": `
      import * as workflow from "perdure/workflow";
      @workflow.defn() class Trial { @workflow.run async run(arg: any): Promise<unknown> { return ${expression}; } }`,
  });
  return trial.run("Trial", args);
}

test.each([
  ["http://user:pass@example.com:8080/a/b?x=1&y=a%20b#top", undefined],
  ["../c?z", "https://example.com/a/b/"],
  ["file:///tmp/x", undefined],
  ["https://münchen.example/ü?q=ü", undefined],
])("URL reads %s as the host's does", async (url, base) => {
  const parts = [
    "href",
    "origin",
    "protocol",
    "username",
    "password",
    "host",
    "hostname",
    "port",
    "pathname",
    "search",
    "hash",
  ] as const;
  const own = new URL(url, base);
  const expression = `(() => { const url = new URL(arg[0], arg[1] ?? undefined); return [${parts.map((part) => `url.${part}`).join(", ")}, String(url), JSON.stringify(url), [...url.searchParams], url instanceof URL]; })()`;
  const expected = [...parts.map((part) => own[part]), String(own), JSON.stringify(own), [...own.searchParams], true];
  expect(await evaluate(expression, [[url, base]])).toEqual(expected);
});

test("URL and its search parameters follow each other's changes", async () => {
  const expression = `(() => {
    const url = new URL("http://example.com/a?x=1&x=2&y=3"); const { searchParams } = url; const seen = [];
    searchParams.append("z", "a b&c"); seen.push(url.search);
    searchParams.delete("x", "1"); searchParams.set("y", "4"); seen.push(url.href);
    url.search = "?q=%C3%BC+1"; seen.push(searchParams.get("q"), searchParams.size);
    url.hash = "top"; url.port = "81"; url.pathname = "/b c"; seen.push(url.href);
    url.href = "http://other.com/?r=1"; seen.push(searchParams.toString(), url.host);
    return [...seen, URL.canParse("nothing"), new URLSearchParams({ a: "1", b: "~'" }).toString(), [...new URLSearchParams([["k", "v"]]).keys()], new URLSearchParams("b=1&a=2&b=0").getAll("b")];
  })()`;
  const outside = (): unknown[] => {
    const url = new URL("http://example.com/a?x=1&x=2&y=3");
    const { searchParams } = url;
    const seen: unknown[] = [];
    searchParams.append("z", "a b&c");
    seen.push(url.search);
    searchParams.delete("x", "1");
    searchParams.set("y", "4");
    seen.push(url.href);
    url.search = "?q=%C3%BC+1";
    seen.push(searchParams.get("q"), searchParams.size);
    url.hash = "top";
    url.port = "81";
    url.pathname = "/b c";
    seen.push(url.href);
    url.href = "http://other.com/?r=1";
    seen.push(searchParams.toString(), url.host);
    return [...seen, false, new URLSearchParams({ a: "1", b: "~'" }).toString(), ["k"], ["1", "0"]];
  };
  expect(await evaluate(expression)).toEqual(outside());
});

test("a URL that is none throws an error of the realm", async () => {
  expect(
    await evaluate(
      `(() => { try { return new URL("nothing"); } catch (error) { return [error instanceof TypeError, error.code, error.message]; } })()`,
    ),
  ).toEqual([true, "ERR_INVALID_URL", "Invalid URL"]);
});

test("texts are encoded and decoded into objects of the realm", async () => {
  const expression = `(() => {
    const bytes = new TextEncoder().encode("grüße 🎉"); const target = new Uint8Array(4);
    const error = (() => { try { return new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([255])); } catch (caught) { return caught instanceof TypeError; } })();
    return [bytes instanceof Uint8Array, bytes.length, new TextDecoder().decode(bytes), new TextDecoder().decode(bytes.buffer), new TextDecoder().decode(new DataView(bytes.buffer, 0, 2)),
      new TextEncoder().encodeInto("aüb", target), new TextDecoder("latin1").encoding, error, new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 65]))];
  })()`;
  expect(await evaluate(expression)).toEqual([
    true,
    12,
    "grüße 🎉",
    "grüße 🎉",
    "gr",
    { read: 3, written: 4 },
    "windows-1252",
    true,
    "A",
  ]);
});

test("base64 goes there and back", async () => {
  expect(
    await evaluate(
      `[btoa(""), btoa("a"), btoa("ab"), btoa("abc"), btoa("\\xff\\x00"), atob("YQ=="), atob("YWI"), atob(" YW Jj "), atob(btoa("\\xff\\x00\\x80")) === "\\xff\\x00\\x80"]`,
    ),
  ).toEqual(["", "YQ==", "YWI=", "YWJj", "/wA=", "a", "ab", "abc", true]);
  expect(
    await evaluate(
      `[() => btoa("€"), () => atob("a"), () => atob("ü===")].map((call) => { try { return call(); } catch (error) { return error.name; } })`,
    ),
  ).toEqual(["InvalidCharacterError", "InvalidCharacterError", "InvalidCharacterError"]);
});

test("structured clones are deep, keep cycles and refuse functions", async () => {
  const expression = `(() => {
    class Own { a = 1; }
    const bytes = new Uint8Array([1, 2, 3]).subarray(1);
    const value = { list: [1, { b: 2 }], date: new Date(5), map: new Map([["k", new Set([1])]]), pattern: /a/gi, bytes, error: new RangeError("no", { cause: 7 }), own: new Own(), nothing: undefined, big: 5n, boxed: Object("s"), buffer: new ArrayBuffer(2) };
    value.self = value;
    const copy = structuredClone(value);
    const refusals = [() => 1, Symbol("s"), { deep: () => 1 }, Promise.resolve()].map((bad) => { try { structuredClone(bad); return "cloned"; } catch (error) { return [error.name, error instanceof DOMException]; } });
    return [copy !== value, copy.self === copy, copy.list[1] !== value.list[1], copy.list, copy.date.getTime(), copy.map.get("k").has(1), String(copy.pattern), [...copy.bytes], copy.bytes instanceof Uint8Array,
      copy.error instanceof RangeError, copy.error.message, copy.error.cause, Object.getPrototypeOf(copy.own) === Object.prototype, copy.own.a, "nothing" in copy, copy.big === 5n, typeof copy.boxed, copy.buffer.byteLength, refusals];
  })()`;
  expect(await evaluate(expression)).toEqual([
    ...[true, true, true, [1, { b: 2 }], 5, true, "/a/gi", [2, 3], true],
    ...[true, "no", 7, true, 1, true, true, "object", 2],
    [
      ["DataCloneError", true],
      ["DataCloneError", true],
      ["DataCloneError", true],
      ["DataCloneError", true],
    ],
  ]);
});

test("signals abort once, with their reason, and combine", async () => {
  const expression = `(() => {
    const seen = []; const first = new AbortController(); const second = new AbortController();
    const any = AbortSignal.any([first.signal, second.signal]);
    first.signal.onabort = (event) => seen.push("on " + event.type);
    any.addEventListener("abort", (event) => seen.push(event.target === any), { once: true });
    const removed = () => seen.push("removed"); any.addEventListener("abort", removed); any.removeEventListener("abort", removed);
    any.addEventListener("abort", { handleEvent: () => seen.push("object") });
    first.abort("why"); first.abort("again"); second.abort();
    const thrown = (() => { try { AbortSignal.abort().throwIfAborted(); } catch (error) { return error.name; } })();
    const illegal = (() => { try { new AbortSignal(); } catch (error) { return error.name; } })();
    return [seen, any.aborted, any.reason, second.signal.reason.name, thrown, illegal, AbortSignal.any([AbortSignal.abort(1)]).reason, AbortSignal.name, String(any), any instanceof EventTarget];
  })()`;
  expect(await evaluate(expression)).toEqual([
    ["on abort", true, "object"],
    true,
    "why",
    "AbortError",
    "AbortError",
    "TypeError",
    1,
    "AbortSignal",
    "[object AbortSignal]",
    true,
  ]);
});

test("timers, and signals that time out, are timers of the workflow", async () => {
  const trial = await Trial.of({
    "workflows.ts": `
      import * as workflow from "perdure/workflow";
      @workflow.defn() class Trial {
        @workflow.run async run(): Promise<unknown> {
          const seen: unknown[] = [];
          setTimeout((a: number, b: number) => seen.push(a + b), 1000, 1, 2);
          clearTimeout(setTimeout(() => seen.push("cleared"), 1000));
          const signal = AbortSignal.timeout(2000);
          signal.addEventListener("abort", () => seen.push(signal.reason.name));
          queueMicrotask(() => seen.push("microtask"));
          await workflow.waitCondition(() => seen.length === 3);
          return seen;
        }
      }`,
  });
  const run = trial.instantiate("Trial");
  const completion = run.activate([initialize("Trial")]);
  expect(completion).toMatchObject({
    commands: [
      { kind: "startTimer", seq: 1, durationMs: 1_000 },
      { kind: "startTimer", seq: 2, durationMs: 1_000 },
      { kind: "cancelTimer", seq: 2 },
      { kind: "startTimer", seq: 3, durationMs: 2_000 },
    ],
  });
  run.activate([{ kind: "fireTimer", seq: 1 }]);
  expect(run.result([{ kind: "fireTimer", seq: 3 }])).toEqual(["microtask", 3, "TimeoutError"]);
});

test("cryptography that waits for the host is refused", async () => {
  const trial = await Trial.of({
    "workflows.ts": `
      import * as workflow from "perdure/workflow";
      @workflow.defn() class Trial { @workflow.run async run(): Promise<unknown> { return crypto.subtle.digest("SHA-256", new Uint8Array()); } }`,
  });
  expect(trial.failure("Trial")).toBe(
    `Cannot use "crypto.subtle" in workflow code: it waits for the host; hash and encrypt in an activity`,
  );
});
