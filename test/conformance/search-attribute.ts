/** A search attribute that the namespace under test has; a world adds it where it is missing. */
export const KEYWORD = "CustomKeywordField";
