import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatTimeout, parseTimeout } from "./deadline-header.ts";
import { FrameReader, frameMessage } from "./grpc-frame.ts";
import { parseHostPort } from "./host-port.ts";
import { addMetadata, decodeMessage, encodeMessage, readMetadata } from "./metadata.ts";

test("a framed message is read back however it arrives in pieces", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.boolean(),
      fc.array(fc.nat(20), { minLength: 1 }),
      (bytes, compressed, sizes) => {
        const frame = frameMessage({ compressed, bytes });
        const reader = new FrameReader(200);
        for (let at = 0, turn = 0; at < frame.length; turn += 1) {
          const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
          reader.push(frame.subarray(at, at + size));
          at += size;
        }
        expect(reader.finish()).toEqual({ compressed, bytes });
      },
    ),
  );
});

test("any error message survives its header, which stays printable ASCII", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (message) => {
      const header = encodeMessage(message);
      expect(header).toMatch(/^[\x20-\x7e]*$/);
      expect(decodeMessage(header)).toBe(message);
    }),
  );
});

test("an error message that is not well encoded is kept as it is", () => {
  expect(decodeMessage("100 % of %zz and %4")).toBe("100 % of %zz and %4");
});

test("any timeout is written in at most eight digits, and is never shortened", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 3e14, noNaN: true }), (timeoutMs) => {
      const header = formatTimeout(timeoutMs);
      expect(header).toMatch(/^\d{1,8}[HMSm]$/);
      expect(parseTimeout(header)).toBeGreaterThanOrEqual(timeoutMs);
    }),
  );
});

test.each([
  ["30000000u", 30_000],
  ["1H", 3_600_000],
  ["2M", 120_000],
  ["3S", 3_000],
  ["4m", 4],
  ["5000000n", 5],
  ["123456789m", undefined],
  ["-1m", undefined],
  ["1.5S", undefined],
  ["", undefined],
])('the timeout "%s" is read as %s ms', (header, timeoutMs) => {
  expect(parseTimeout(header)).toBe(timeoutMs);
});

test("metadata is read as it was written, without the headers of gRPC itself", () => {
  const headers = { ":path": "/a/b", te: "trailers", "grpc-timeout": "1S" };
  const metadata = { "x-key": "a b", "x-bytes-bin": new Uint8Array([0, 250, 1]) };
  addMetadata(headers, metadata);
  expect(headers).toMatchObject({ "x-key": "a b", "x-bytes-bin": "APoB" });
  expect(readMetadata(headers)).toEqual(metadata);
});

test.each([
  [{ "grpc-timeout": "1S" }, "grpc-timeout"],
  [{ "Upper-Case": "a" }, "Upper-Case"],
  [{ "with space": "a" }, "with space"],
  [{ "x-key": "naïve" }, "outside printable ASCII"],
  [{ "x-key": "a\r\nb: c" }, "outside printable ASCII"],
  [{ "x-key": new Uint8Array() }, 'a key that ends in "-bin"'],
  [{ "x-key-bin": "text" }, "use bytes"],
])("metadata that cannot be sent is refused: %o", (metadata, words) => {
  expect(() => addMetadata({}, metadata as Record<string, string>)).toThrow(words);
});

test.each([
  ["localhost:7233", { host: "localhost", port: 7233, authority: "localhost:7233" }],
  ["example.com", { host: "example.com", port: 7233, authority: "example.com:7233" }],
  ["[::1]:80", { host: "::1", port: 80, authority: "[::1]:80" }],
  ["127.0.0.1:65535", { host: "127.0.0.1", port: 65_535, authority: "127.0.0.1:65535" }],
])('the address "%s" is read', (text, expected) => {
  expect(parseHostPort(text)).toEqual(expected);
});

test.each(["", ":7233", "a b", "host:99999", "http://host:1", "::1", "host:port", "user@host:1"])(
  'the address "%s" is refused',
  (text) => {
    expect(() => parseHostPort(text)).toThrow(`Cannot read address "${text}"`);
  },
);
