"""The official Python SDK's test environments, with our programs in the place of the servers that they start.

environments.py TEST_SERVER DEV_SERVER
"""

import asyncio
import os
import sys
from datetime import datetime, timedelta

from temporalio import activity, workflow
from temporalio.client import WorkflowFailureError
from temporalio.common import RetryPolicy, SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

YEAR = timedelta(days=365)
MARGIN = timedelta(minutes=2)
QUEUE = "environments"
CUSTOMER = SearchAttributeKey.for_keyword("Customer")


class Greeter:
    def __init__(self, env: WorkflowEnvironment) -> None:
        self._env = env

    @activity.defn(name="greet")
    async def greet(self, greeting: str, name: str) -> str:
        if name == "late":
            await self._env.sleep(timedelta(hours=1))
        return f"{greeting}, {name}!"


@workflow.defn
class GreetLater:
    def __init__(self) -> None:
        self._awake = False

    @workflow.run
    async def run(self, seconds: float, name: str) -> str:
        await asyncio.sleep(seconds)
        self._awake = True
        return await workflow.execute_activity(
            "greet",
            args=["Hello", name],
            start_to_close_timeout=timedelta(minutes=1),
            retry_policy=RetryPolicy(maximum_attempts=1),
        )

    @workflow.query
    def awake(self) -> bool:
        return self._awake


def worker_of(env: WorkflowEnvironment) -> Worker:
    return Worker(
        env.client,
        task_queue=QUEUE,
        workflows=[GreetLater],
        activities=[Greeter(env).greet],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )


def check_passed(before: datetime, after: datetime, wanted: timedelta) -> None:
    assert wanted <= after - before < wanted + MARGIN, (before, after, wanted)


async def skip_time(env: WorkflowEnvironment) -> None:
    asleep = {"args": [YEAR.total_seconds(), "World"], "task_queue": QUEUE}
    start = await env.get_current_time()
    assert await env.client.execute_workflow(GreetLater.run, id="year", **asleep) == "Hello, World!"
    check_passed(start, await env.get_current_time(), YEAR)
    handle = await env.client.start_workflow(GreetLater.run, id="by-hand", **asleep)
    start = await env.get_current_time()
    await env.sleep(YEAR / 2)
    check_passed(start, await env.get_current_time(), YEAR / 2)
    assert not await handle.query(GreetLater.awake)
    await env.sleep(YEAR / 2)
    assert await handle.result() == "Hello, World!"
    with env.auto_time_skipping_disabled():
        start = await env.get_current_time()
        await env.client.execute_workflow(GreetLater.run, args=[1, "World"], id="real", task_queue=QUEUE)
        check_passed(start, await env.get_current_time(), timedelta(seconds=1))
    try:
        await env.client.execute_workflow(GreetLater.run, args=[1, "late"], id="late", task_queue=QUEUE)
        raise AssertionError("an activity took longer than it may")
    except WorkflowFailureError as error:
        assert type(error.cause.cause).__name__ == "TimeoutError", error.cause


async def run_locally(env: WorkflowEnvironment) -> None:
    assert env.client.namespace == "of-its-own"
    result = await env.client.execute_workflow(
        GreetLater.run,
        args=[0.005, "World"],
        id="short",
        task_queue=QUEUE,
        search_attributes=TypedSearchAttributes([SearchAttributePair(CUSTOMER, "one")]),
    )
    assert result == "Hello, World!"


async def main(test_server: str, dev_server: str) -> None:
    async with await WorkflowEnvironment.start_time_skipping(test_server_existing_path=test_server) as env:
        async with worker_of(env):
            await skip_time(env)
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=dev_server, namespace="of-its-own", search_attributes=[CUSTOMER]
    ) as env:
        async with worker_of(env):
            await run_locally(env)
    print("ok", flush=True)
    # The SDK's native threads now and then abort the interpreter on its way out, even where no server was reached.
    os._exit(0)


asyncio.run(main(*sys.argv[1:]))
