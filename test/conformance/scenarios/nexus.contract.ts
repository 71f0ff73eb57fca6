import { operation, service } from "perdure/nexus";

/** What the scenarios' Nexus service can do. */
export const greeter = service("greeter", {
  greet: operation<string, string>({ name: "greet-by-name" }),
  meet: operation<string, string>(),
  talk: operation<string, string>(),
  fail: operation<string, string>(),
});

/** Operations backed by all that can back one. */
export const office = service("office", {
  run: operation<string, string>(),
  update: operation<string, string>(),
  activity: operation<string, string>(),
  both: operation<string, string>(),
  note: operation<string, string>(),
});
