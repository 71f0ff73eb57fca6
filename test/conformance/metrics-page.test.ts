import { expect, test } from "vitest";
import { compareMetrics, readMetricsPage } from "./metrics-page.ts";

const page = `# HELP polls Count of polls
# TYPE polls counter
polls{namespace="default",poller_type="sticky"} 3
# TYPE latency histogram
latency_bucket{task_queue="q",le="50"} 1
latency_bucket{task_queue="q",le="+Inf"} 2
latency_sum{task_queue="q"} 70
latency_count{task_queue="q"} 2
`;

test("a page that differs in figures and names of users alone is the same", () => {
  const other = page.replace("3\n", "99\n").replaceAll(`"q"`, `"another"`).replace("default", "mine");
  expect(compareMetrics(readMetricsPage(page), readMetricsPage(other))).toEqual([]);
});

test("metrics, kinds, tags, their values and buckets that differ are told", () => {
  const other = page
    .replace("polls counter", "polls gauge")
    .replace("sticky", "normal")
    .replace(`namespace="default",`, "")
    .replace(`le="50"`, `le="60"`);
  expect(compareMetrics(readMetricsPage(page), readMetricsPage(`${other}# TYPE more counter\nmore 1\n`))).toEqual([
    "official: latency: buckets: 50",
    "official: polls: tags: namespace poller_type",
    "official: polls: values: poller_type=sticky",
    "own: latency: buckets: 60",
    "own: more",
    "own: polls: tags: poller_type",
    "own: polls: values: poller_type=normal",
    "polls: official counter, own gauge",
  ]);
});
