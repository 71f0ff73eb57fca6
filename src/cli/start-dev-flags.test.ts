import { expect, test } from "vitest";
import { IndexedValueType } from "../proto/gen/enums.ts";
import { UsageError } from "./cli-error.ts";
import { readStartDevFlags, type StartDevFlags, uselessFlags } from "./start-dev-flags.ts";

const defaults: StartDevFlags = {
  port: "7233",
  ip: "127.0.0.1",
  namespace: [],
  searchAttribute: [],
  dynamicConfigValue: [],
  sqlitePragma: [],
  httpAllowedOrigin: [],
  logLevel: "warn",
  logFormat: "text",
};

test("without flags a server keeps all in memory, with the namespace default", () => {
  expect(readStartDevFlags(defaults)).toEqual({
    host: "127.0.0.1",
    port: 7233,
    httpAllowedOrigins: [],
    pragmas: {},
    namespaces: ["default"],
    searchAttributes: {},
    dynamicConfig: {},
    logLevel: "warn",
    logFormat: "text",
  });
});

test("flags that can be repeated add up", () => {
  const config = readStartDevFlags({
    ...defaults,
    ip: "localhost",
    dbFilename: "a.db",
    namespace: ["one", "default", "two"],
    searchAttribute: ["City=Keyword", "Tags=keywordlist", "Due=Datetime"],
    dynamicConfigValue: ["limit.maxIDLength=500", 'a.b="x=y"', "c=true"],
    sqlitePragma: ["JOURNAL_MODE=wal", "synchronous=FULL"],
    logFormat: "pretty",
  });
  expect(config).toMatchObject({
    host: "127.0.0.1",
    dbFilename: "a.db",
    namespaces: ["default", "one", "two"],
    searchAttributes: {
      City: IndexedValueType.KEYWORD,
      Tags: IndexedValueType.KEYWORD_LIST,
      Due: IndexedValueType.DATETIME,
    },
    dynamicConfig: { "limit.maxIDLength": 500, "a.b": "x=y", c: true },
    pragmas: { synchronous: "FULL" },
    logFormat: "text",
  });
});

test.each<[string, Partial<StartDevFlags>]>([
  ["--port", { port: "70000" }],
  ["--port", { port: "http" }],
  ["--search-attribute", { searchAttribute: ["City"] }],
  ["--search-attribute", { searchAttribute: ["City=Town"] }],
  ["--search-attribute", { searchAttribute: ["City=Unspecified"] }],
  ["--dynamic-config-value", { dynamicConfigValue: ["a=[1]"] }],
  ["--dynamic-config-value", { dynamicConfigValue: ["a=yes"] }],
  ["--sqlite-pragma", { sqlitePragma: ["synchronous=OFF"] }],
  ["--http-port", { httpPort: "none" }],
  ["--metrics-port", { metricsPort: "70000" }],
])("a wrong or unavailable %s is refused by name", (flag, flags) => {
  const read = (): unknown => readStartDevFlags({ ...defaults, ...flags });
  expect(read).toThrow(UsageError);
  expect(read).toThrow(`Cannot use flag "${flag}"`);
});

test("flags about the web UI are taken, and told to be useless unless there is to be none", () => {
  const flags = { ...defaults, uiPort: "8233", uiCodecEndpoint: "http://localhost:1" };
  expect(readStartDevFlags(flags).port).toBe(7233);
  expect(uselessFlags(flags)).toEqual(["--ui-port", "--ui-codec-endpoint"]);
  expect(uselessFlags({ ...flags, headless: true })).toEqual([]);
});

test("flags about the web UI and ports to be chosen freely do no harm", () => {
  const flags = {
    ...defaults,
    headless: true,
    uiPort: "8233",
    uiIp: "0.0.0.0",
    metricsPort: "0",
  };
  expect(readStartDevFlags(flags).port).toBe(7233);
});

test("a port for Nexus over HTTP and lists in the dynamic configuration are read", () => {
  const flags = {
    ...defaults,
    httpPort: "7243",
    dynamicConfigValue: ['component.callbacks.allowedAddresses=[{"Pattern":"*","AllowInsecure":true}]'],
  };
  expect(readStartDevFlags(flags)).toMatchObject({
    httpPort: 7243,
    dynamicConfig: { "component.callbacks.allowedAddresses": '[{"Pattern":"*","AllowInsecure":true}]' },
  });
});

test("origins that may call the HTTP API are read, and are of use only where HTTP is served", () => {
  const origins = ["https://app.example", "http://localhost:5173", "*"];
  const config = readStartDevFlags({ ...defaults, httpPort: "0", httpAllowedOrigin: origins });
  expect(config).toMatchObject({ httpPort: 0, httpAllowedOrigins: origins });
  const read = (flags: Partial<StartDevFlags>): unknown => readStartDevFlags({ ...defaults, ...flags });
  expect(() => read({ httpAllowedOrigin: origins })).toThrow("no HTTP is served");
  for (const wrong of ["app.example", "https://app.example/", "https://app.example/page", ""])
    expect(() => read({ httpPort: "0", httpAllowedOrigin: [wrong] })).toThrow(
      'Cannot use flag "--http-allowed-origin"',
    );
});
