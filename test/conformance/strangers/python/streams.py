"""Workflow streams as the official Python SDK has them.

  streams.py worker ADDRESS TASK_QUEUE      runs the workflow that keeps the stream until its input ends
  streams.py client ADDRESS ID              publishes to the stream of another worker's workflow and reads it to its end
"""

import asyncio
import os
import sys
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow
from temporalio.client import Client
from temporalio.contrib.workflow_streams import WorkflowStream, WorkflowStreamClient, WorkflowStreamState
from temporalio.worker import UnsandboxedWorkflowRunner, Worker


@dataclass
class News:
    text: str


@workflow.defn(name="Relay")
class Relay:
    @workflow.init
    def __init__(self, state: WorkflowStreamState | None, run: int) -> None:
        self._stream = WorkflowStream(state)
        self._next = ""

    @workflow.signal(name="go")
    def go(self, next: str) -> None:
        self._next = next

    @workflow.run
    async def run(self, state: WorkflowStreamState | None, run: int) -> int:
        self._stream.topic("news", type=News).publish(News(f"run {run}"))
        await workflow.wait_condition(lambda: self._next != "")
        if self._next == "renew":
            await self._stream.continue_as_new(lambda state: [state, run + 1])
        return run


async def run_worker(address: str, task_queue: str) -> None:
    client = await Client.connect(address)
    async with Worker(
        client, task_queue=task_queue, workflows=[Relay], workflow_runner=UnsandboxedWorkflowRunner()
    ):
        print("ready", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def run_client(address: str, id: str) -> None:
    client = await Client.connect(address)
    stream = WorkflowStreamClient.create(client, id, batch_interval=timedelta(milliseconds=50))
    news = stream.topic("news", type=News)
    async with stream:
        # What comes before the workflow's first task is there before what that publishes.
        async for _ in news.subscribe():
            break
        news.publish(News("from Python"))
        await stream.flush()
        await client.get_workflow_handle(id).signal("go", "renew")
        seen: list[tuple[int, str]] = []
        async for item in news.subscribe():
            seen.append((item.offset, item.data.text))
            if item.data.text == "run 1":
                news.publish(News("again"), force_flush=True)
            if item.data.text == "again":
                await client.get_workflow_handle(id).signal("go", "end")
    expected = [(0, "run 0"), (1, "from Python"), (2, "run 1"), (3, "again")]
    assert seen == expected, seen
    assert await stream.get_offset() == 4


if __name__ == "__main__":
    mode, *args = sys.argv[1:]
    asyncio.run((run_client if mode == "client" else run_worker)(*args))
    # The SDK's native threads now and then abort the interpreter on its way out.
    os._exit(0)
