"""What the official Python SDK makes of values, and how it keeps large payloads outside of the service.

  data.py fixtures                              prints one JSON line for each value
  data.py profiles                              reads one JSON case a line, prints the profile or the error
  data.py client ADDRESS TASK_QUEUE ID FOLDER   starts the workflow that another worker runs
  data.py worker ADDRESS TASK_QUEUE FOLDER      runs it until its input ends
"""

import asyncio
import dataclasses
import hashlib
import json
import sys
from datetime import timedelta
from pathlib import Path

from temporalio import activity, workflow
from temporalio.api.common.v1 import Payload
from temporalio.api.sdk.v1 import ExternalStorageReference
from temporalio.client import Client
from temporalio.contrib.aws.s3driver import S3StorageDriver, S3StorageDriverClient
from temporalio.converter import DataConverter, ExternalStorage
from temporalio.envconfig import ClientConfigProfile
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

VALUES = {
    "undefined": None,
    "text": 'hé世😀\u007f\n"\\/\u2028',
    "empty text": "",
    "integer": 42,
    "negative": -7,
    "fraction": 1.5,
    "boolean": True,
    "list": [1, "a", None, [], {}],
    "object": {"b": 1, "a": {"d": [True, False], "c": None}, "10": 1, "9": 2, "é": 0, "": "x"},
    "bytes": bytes([0, 255, 16]),
    "large": {"text": "x" * 5000},
    "message": ExternalStorageReference(driver_name="é", claim_data={"b": "2", "a": "1"}),
}


class FolderClient(S3StorageDriverClient):
    """Objects as files, by the hash of bucket and key."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def _path(self, bucket: str, key: str) -> Path:
        return self._folder / hashlib.sha256(f"{bucket}/{key}".encode()).hexdigest()

    async def put_object(self, *, bucket: str, key: str, data: bytes) -> None:
        self._path(bucket, key).write_bytes(data)

    async def object_exists(self, *, bucket: str, key: str) -> bool:
        return self._path(bucket, key).exists()

    async def get_object(self, *, bucket: str, key: str) -> bytes:
        return self._path(bucket, key).read_bytes()


@activity.defn(name="twice")
async def twice(text: str) -> str:
    return text + text


@workflow.defn(name="Double")
class Double:
    @workflow.run
    async def run(self, text: str, fails: bool) -> str:
        doubled = await workflow.execute_activity(twice, text, start_to_close_timeout=timedelta(seconds=10))
        if fails:
            raise ApplicationError("as asked", doubled, type="Asked")
        return doubled


def print_fixtures() -> None:
    converter = DataConverter.default.payload_converter
    for name, value in VALUES.items():
        payload: Payload = converter.to_payloads([value])[0]
        line = {"name": name, "payload": payload.SerializeToString(deterministic=True).hex()}
        line["metadata"] = {key: text.decode() for key, text in payload.metadata.items()}
        line["data"] = payload.data.hex()
        print(json.dumps(line))


def print_profiles() -> None:
    for line in sys.stdin:
        case = json.loads(line)
        try:
            profile = ClientConfigProfile.load(
                profile=case.get("profile"),
                config_source=case["toml"],
                config_file_strict=case.get("strict", False),
                override_env_vars=case["env"],
            )
            print(json.dumps(profile.to_dict()))
        except Exception:
            print(json.dumps("error"))


async def connect(address: str, folder: str) -> Client:
    driver = S3StorageDriver(client=FolderClient(folder), bucket="payloads")
    storage = ExternalStorage(drivers=[driver], payload_size_threshold=1000)
    return await Client.connect(
        address, data_converter=dataclasses.replace(DataConverter.default, external_storage=storage)
    )


async def run_client(address: str, task_queue: str, id: str, folder: str) -> None:
    client = await connect(address, folder)
    text = "p" * 2000
    result = await client.execute_workflow("Double", args=[text, False], id=id, task_queue=task_queue)
    assert result == text + text, "the result is not what our worker made"
    try:
        await client.execute_workflow("Double", args=[text, True], id=f"{id}-fails", task_queue=task_queue)
    except Exception as error:
        cause = error.__cause__
        assert isinstance(cause, ApplicationError) and cause.type == "Asked", repr(cause)
        assert cause.details == [text + text] or tuple(cause.details) == (text + text,), "details were lost"
    else:
        raise AssertionError("the workflow did not fail")


async def run_worker(address: str, task_queue: str, folder: str) -> None:
    client = await connect(address, folder)
    async with Worker(client, task_queue=task_queue, workflows=[Double], activities=[twice]):
        print("ready", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    mode, *args = sys.argv[1:]
    if mode == "fixtures":
        print_fixtures()
    elif mode == "profiles":
        print_profiles()
    else:
        asyncio.run((run_client if mode == "client" else run_worker)(*args))
