// What the generated runtime costs beside bare FastAPI with uvicorn, the same HTTP parser and bytecode: both measured in this run.
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { register } from 'tsx/esm/api';

register();
const { inProject, lambdaEnv, runtimeOf, unpackedBundle, writeProject } = await import('../../__tests__/support/runtime-project.ts');
const { compared, inTurns } = await import('../measure.mjs');

/** The operations of a generated `main.py`, by FastAPI alone. */
const bareApp = `import gc
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import FastAPI, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

app = FastAPI()


class Message(BaseModel):
    message: str


class Item(BaseModel):
    name: str


@app.get("/echo")
async def echo(message: str) -> Message:
    return Message(message=message)


@app.get("/items/{item_id}")
def get_item(item_id: int) -> Item:
    return Item(name=f"Item {item_id}")


@app.post("/items", status_code=201, responses={400: {"description": "Body is not UTF-8"}})
def create_item(item: Item) -> Item:
    return item


class Chunk(BaseModel):
    message: str


async def generate_chunks(count: int) -> AsyncIterator[str]:
    for number in range(count):
        yield Chunk(message=f"This is chunk {number}").model_dump_json() + "\\n"


@app.post("/stream", response_class=StreamingResponse)
async def stream(count: Annotated[int, Query(ge=1, le=1000)] = 100) -> StreamingResponse:
    return StreamingResponse(generate_chunks(count), media_type="application/jsonl")
`;

/** Does nothing; with the runtime, below three spans. At the end the garbage collection that run.sh starts without, as the runtime turns it on. */
const bareSpans = `

@app.get("/spans")
async def spans() -> int:
    return 1


gc.freeze()
gc.enable()
`;
const ourSpans = `

@app.get("/spans")
@tracer.capture_method
async def spans() -> int:
    with tracer.provider.in_subsegment("outer") as outer:
        outer.put_annotation("order", 7)
        with tracer.provider.in_subsegment("inner"):
            return 1
`;

/** The same project with nothing in it but FastAPI, uvicorn and httptools, bundled by the same script. */
function writeBareProject() {
  const folder = writeProject('bench-bare');
  const manifest = join(runtimeOf(folder), 'pyproject.toml');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/^ {2}"aws-.*\n/gm, ''));
  inProject(folder, ['lock', '--quiet']);
  rmSync(join(folder, 'my_api', 'init.py'));
  writeFileSync(join(folder, 'my_api', 'main.py'), bareApp + bareSpans);
  // What the bundle's check of the app asks for, without what it would import.
  writeFileSync(join(runtimeOf(folder), 'src', 'fastapi_runtime', 'application.py'), 'def has_runtime(app):\n    return True\n');
  return folder;
}

function writeOurProject() {
  const folder = writeProject('bench');
  appendFileSync(join(folder, 'my_api', 'main.py'), ourSpans);
  return folder;
}

/** What the row is about, its unit, the ratio that is wanted at most, how often, and what measures it. */
const measurements = [
  ['ASGI call, async, all telemetry, sampled, CPU', 'us', 3, 5, ['call', 'sampled']],
  ['ASGI call of an operation with three spans, CPU', 'us', 5, 5, ['call', 'sampled', 'spans']],
  ['server process per request, not sampled, CPU', 'us', 1.3, 5, ['server']],
  ['server process per request, sampled, CPU', 'us', 1.8, 5, ['server', 'sampled']],
  ['cold start, exec to the first 200, CPU', 'ms', 1.1, 9, ['start']],
];

export async function rows() {
  const folders = { ours: writeOurProject(), bare: writeBareProject() };
  // A daemon that takes the datagrams and does nothing with them.
  const daemon = createSocket('udp4');
  await new Promise((resolve) => daemon.bind(0, '127.0.0.1', resolve));
  try {
    const env = lambdaEnv({ AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}` });
    const program = join(import.meta.dirname, 'runtime.py');
    const tasks = { ours: unpackedBundle(folders.ours), bare: unpackedBundle(folders.bare) };
    const side =
      (task, [kind, ...rest]) =>
      () =>
        JSON.parse(execFileSync('python3', [program, kind, task, ...rest], { env, encoding: 'utf8' })).value;
    const against = 'bare FastAPI, uvicorn, httptools, bytecode';
    const found = [];
    for (const [what, unit, goal, times, args] of measurements) {
      const { ours, bare } = await inTurns({ ours: side(tasks.ours, args), bare: side(tasks.bare, args) }, times);
      found.push(compared({ what, unit, goal, against }, ours, bare));
    }
    const size = (folder) => statSync(join(folder, 'dist', 'bundle.zip')).size / 1e6;
    return [...found, compared({ what: 'zipped bundle', unit: 'MB', goal: 1.6, against }, [size(folders.ours)], [size(folders.bare)])];
  } finally {
    daemon.close();
  }
}
