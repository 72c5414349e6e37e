// What the generated runtime costs beside bare FastAPI with uvicorn, the same HTTP parser and bytecode: both measured in this run.
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { register } from 'tsx/esm/api';

register();
const { inProject, lambdaEnv, runtimeOf, unpackedBundle, writeProject } = await import('../__tests__/support/runtime-project.ts');

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

const folders = { bare: writeBareProject(), ours: writeOurProject() };
const tasks = Object.fromEntries(Object.entries(folders).map(([name, folder]) => [name, unpackedBundle(folder)]));

// A daemon that takes the datagrams and does nothing with them.
const daemon = createSocket('udp4');
await new Promise((resolve) => daemon.bind(0, '127.0.0.1', resolve));
const env = lambdaEnv({ AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}` });

const measure = (kind, task, ...rest) =>
  JSON.parse(execFileSync('python3', [join(import.meta.dirname, 'runtime.py'), kind, task, ...rest], { env, encoding: 'utf8' })).value;

/** Each side in turn, several times over; the least, since what disturbs a measurement only adds to it. */
function sideBySide(times, bare, ours) {
  const figures = { bare: [], ours: [] };
  for (let time = 0; time < times; time += 1) {
    figures.bare.push(bare());
    figures.ours.push(ours());
  }
  return { bare: Math.min(...figures.bare), ours: Math.min(...figures.ours) };
}

const size = (folder) => statSync(join(folder, 'dist', 'bundle.zip')).size / 1e6;
const rows = [
  [
    'ASGI call, async, all telemetry, sampled',
    'us',
    3,
    sideBySide(
      5,
      () => measure('call', tasks.bare),
      () => measure('call', tasks.ours, 'sampled'),
    ),
  ],
  [
    'ASGI call of an operation with three spans',
    'us',
    5,
    sideBySide(
      5,
      () => measure('call', tasks.bare, 'sampled', 'spans'),
      () => measure('call', tasks.ours, 'sampled', 'spans'),
    ),
  ],
  [
    'server process per request, not sampled',
    'us',
    1.5,
    sideBySide(
      5,
      () => measure('server', tasks.bare),
      () => measure('server', tasks.ours),
    ),
  ],
  [
    'server process per request, sampled',
    'us',
    1.8,
    sideBySide(
      5,
      () => measure('server', tasks.bare, 'sampled'),
      () => measure('server', tasks.ours, 'sampled'),
    ),
  ],
  [
    'cold start, exec to the first 200',
    'ms',
    1.15,
    sideBySide(
      9,
      () => measure('start', tasks.bare),
      () => measure('start', tasks.ours),
    ),
  ],
  ['zipped bundle', 'MB', 1.6, { bare: size(folders.bare), ours: size(folders.ours) }],
];
daemon.close();

console.log('CPU time, and size            beside bare FastAPI, uvicorn, httptools, bytecode (Python 3.13)\n');
console.log(`${''.padEnd(44)}${'bare'.padStart(10)}${'ours'.padStart(10)}${'ratio'.padStart(8)}${'at most'.padStart(9)}`);
let failed = false;
for (const [name, unit, limit, { bare, ours }] of rows) {
  const ratio = ours / bare;
  failed ||= ratio > limit;
  const cells = [
    `${bare.toFixed(1)} ${unit}`.padStart(10),
    `${ours.toFixed(1)} ${unit}`.padStart(10),
    ratio.toFixed(2).padStart(8),
    limit.toFixed(2).padStart(9),
  ];
  console.log(`${name.padEnd(44)}${cells.join('')}${ratio > limit ? '  over' : ''}`);
}
process.exitCode = failed ? 1 : 0;
