import * as fc from "fast-check";

/**
 * Property tests draw the same cases on every run, so that a change is judged by what it changed. Others come with
 * `FC_SEED=$RANDOM npm test`; a failure prints its seed either way.
 */
fc.configureGlobal({ seed: Number(process.env["FC_SEED"] ?? 1) });
