import { operation, service } from "perdure/nexus";

/** The contract: all that the two teams share. */
export const shop = service("shop", {
  price: operation<string, number>(),
  deliver: operation<string, string>(),
});
