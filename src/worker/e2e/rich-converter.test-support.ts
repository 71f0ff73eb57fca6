import { createPayloadConverter, RichJsonPayloadConverter } from "../../converter.ts";

/** For clients, activities and, as a module of its own, workflows. */
export const payloadConverter = createPayloadConverter({ json: new RichJsonPayloadConverter() });
