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

/** Operations that do not go smoothly. */
export const trouble = service("trouble", {
  hang: operation<string, string>(),
  stumble: operation<string, string>(),
  refuseCancel: operation<string, string>(),
  share: operation<string, string>(),
  never: operation<string, string>(),
  echo: operation<string, string>(),
});
