import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parse } from 'yaml';
import { makeVite } from '../../support/connection-starters.ts';
import { commitAll, generate } from '../../support/generate.ts';
import { toolEnv } from '../../support/tools.ts';
import { freePort, generated, gitStatus, nx, nxOk, nxProgram, runOk, start, until } from '../../support/workspace.ts';

const minutes = 60_000;

/** An API of every default, in a new workspace, installed; the tests below use it in order, as a developer would. */
let workspace: string;
const main = (): string => join(workspace, 'packages', 'my-api', 'my_api', 'main.py');

/** Steps of a job or an action, of which some run a command. */
interface Commands {
  steps: { run?: string }[];
}

interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, never> }>;
}

const template = (): Template => {
  const folder = join(workspace, 'packages', 'infra', 'dist', 'cdk.out', 'assembly-development');
  const file = readdirSync(folder).find((name) => name.endsWith('.template.json')) as string;
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as Template;
};

beforeAll(() => {
  workspace = generated(['My API', '--ci', 'GitHub']);
}, 5 * minutes);

test(
  'everything builds, passes its tests, the linters and the type checkers as written, and leaves nothing for git',
  () => {
    // As a pull request is checked, one command after the other.
    const { runs } = parse(readFileSync(join(workspace, '.github/actions/fastapi-lambda/action.yml'), 'utf8')) as { runs: Commands };
    const { jobs } = parse(readFileSync(join(workspace, '.github/workflows/fastapi-lambda.yml'), 'utf8')) as { jobs: { check: Commands } };
    const lines = [...runs.steps, ...jobs.check.steps].flatMap(({ run }) => run ?? []);
    expect(lines.length).toBeGreaterThan(6);
    for (const line of lines) runOk('bash', ['-e', '-o', 'pipefail', '-c', line], workspace, toolEnv({ CI: 'true' }));
    nxOk(['run-many', '-t', 'bundle'], workspace);
    expect(gitStatus(workspace)).toBe('');
  },
  10 * minutes,
);

test(
  'formatting changes nothing',
  () => {
    nxOk(['run-many', '-t', 'format'], workspace);
    expect(gitStatus(workspace)).toBe('');
  },
  3 * minutes,
);

test(
  'the synthesized template has a function for each operation, IAM on every method, tracing and a log group',
  () => {
    nxOk(['run', 'infra:synth'], workspace);
    const resources = Object.values(template().Resources);
    const functions = resources.filter(({ Type }) => Type === 'AWS::Lambda::Function');
    const operations = openApiOperations();
    expect(functions.length).toBe(operations.length);
    for (const { Properties } of functions) {
      expect(Properties).toMatchObject({
        Handler: 'run.sh',
        Runtime: 'python3.13',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
      });
      expect(Properties).toHaveProperty('LoggingConfig.LogGroup');
    }
    const body = resources.find(({ Type }) => Type === 'AWS::ApiGateway::RestApi')?.Properties.Body as unknown as {
      paths: Record<string, Record<string, { security?: unknown; operationId?: string }>>;
    };
    const routes = Object.entries(body.paths).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([method]) => method !== 'options')
        .map(([method, operation]) => ({ route: `${method} ${path}`, security: operation.security })),
    );
    expect(routes.map(({ route }) => route).sort()).toEqual(operations.sort());
    for (const { security } of routes) expect(security).toEqual([{ sigv4: [] }]);
  },
  5 * minutes,
);

test(
  'a new operation reaches the template by synth alone; code that names a removed one does not compile',
  () => {
    const before = readFileSync(main(), 'utf8');
    writeFileSync(
      main(),
      `${before}\n\n@app.get("/hello/{name}")\ndef say_hello(name: str) -> Message:\n    """Greet somebody."""\n    return Message(message=name)\n`,
    );
    nxOk(['run', 'infra:synth'], workspace);
    const added = JSON.stringify(template());
    expect(added).toContain('/hello/{name}');
    expect(Object.values(template().Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function').length).toBe(
      openApiOperations().length,
    );

    const stack = join(workspace, 'packages', 'infra', 'src', 'stacks', 'my-api.ts');
    const untouched = readFileSync(stack, 'utf8');
    writeFileSync(
      stack,
      untouched
        .replace(/new MyApi\(/, 'const api = new MyApi(')
        .replace(/\n {2}\}\n\}/, "\n    api.integrations.sayHello.handler.addEnvironment('GREETING', 'hello');\n  }\n}"),
    );
    nxOk(['run', 'infra:typecheck'], workspace);
    writeFileSync(main(), before);
    const { status, stdout, stderr } = nx(['run', 'infra:synth'], workspace);
    expect(status).not.toBe(0);
    expect(stdout + stderr).toContain("Property 'sayHello' does not exist");
    writeFileSync(stack, untouched);
  },
  5 * minutes,
);

test(
  'the local server answers with its documentation, and an edit shows without a restart',
  async () => {
    const port = await freePort();
    const server = start(process.execPath, [nxProgram(workspace), 'run', 'my-api:serve', `--port=${port}`], workspace);
    const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);
    const original = readFileSync(main(), 'utf8');
    try {
      const answer = await until('an answer of the local server', () => get('/echo?message=hi').catch(() => undefined));
      expect(await answer.json()).toEqual({ message: 'hi' });
      expect((await get('/docs')).status).toBe(200);
      expect((await get('/redoc')).status).toBe(200);
      const document = (await (await get('/openapi.json')).json()) as { paths: object };
      expect(Object.keys(document.paths)).toEqual(['/echo', '/items/{item_id}', '/items', '/stream']);
      expect((await (await get('/docs')).text()).toLowerCase()).toContain('swagger');

      const smoke = (...args: string[]) => nx(['run', 'my-api:smoke', '--configuration=local', ...args], workspace);
      for (const [args, status, shown] of [
        [['--if-any'], 0, '"message": "hello"'],
        [['--operation=get_item', '--param=item_id=7'], 0, '"name": "Item 7"'],
        [['--operation=create_item', '--body={"name":"Lamp, with a \'shade\'"}'], 0, '201 Created in'],
        [['--operation=create_item', '--body={}'], 1, '422 Unprocessable'],
      ] as const) {
        const called = smoke(...args);
        expect({ args, status: called.status, output: called.stdout + called.stderr }).toEqual({
          args,
          status,
          output: expect.stringContaining(shown),
        });
      }

      writeFileSync(main(), original.replace('return Message(message=message)', 'return Message(message=message.upper())'));
      await until('the edit', async () => {
        const text = await get('/echo?message=hi').then(
          (response) => response.text(),
          () => '',
        );
        return text.includes('HI') || undefined;
      });
    } finally {
      writeFileSync(main(), original);
      await server.stop();
    }
  },
  3 * minutes,
);

describe('a website of Vite in the workspace, connected', () => {
  const website = (path = ''): string => join(workspace, 'packages', 'website', path);
  const client = (): string => readFileSync(website('src/connections/my-api.gen.ts'), 'utf8');

  beforeAll(() => {
    makeVite(website());
    writeFileSync(website('package.json'), readFileSync(website('package.json'), 'utf8').replace(/"name": ".*"/, '"name": "website"'));
    generate(['connection', '--yes'], workspace, { env: toolEnv() });
    const app = `import { useQuery } from '@tanstack/react-query'
import { useMyApi } from './connections/use-my-api'

export default function App() {
  const item = useQuery(useMyApi().getItem.queryOptions({ itemId: 7 }))
  return <p>{item.data?.name}</p>
}
`;
    writeFileSync(website('src/App.tsx'), app);
    commitAll(workspace);
  }, 5 * minutes);

  test(
    'Nx makes its client before it builds and lints it, and npm does before a plain script',
    () => {
      nxOk(['run-many', '-t', 'build', 'lint', '-p', 'website'], workspace);
      expect(client()).toContain('getItem');
      rmSync(website('src/connections/my-api.gen.ts'));
      runOk('npm', ['run', 'build'], website());
      expect(gitStatus(workspace)).toBe('');
    },
    5 * minutes,
  );

  test(
    'a renamed operation does not compile any more',
    () => {
      const before = readFileSync(main(), 'utf8');
      writeFileSync(main(), before.replace('def get_item', 'def read_item'));
      const { status, stdout, stderr } = nx(['run', 'website:build'], workspace);
      writeFileSync(main(), before);
      expect(status).not.toBe(0);
      expect(stdout + stderr).toContain("Property 'getItem' does not exist");
    },
    3 * minutes,
  );

  test(
    'while API and website are served, its types follow the Python code, and its address is that of the server',
    async () => {
      const before = readFileSync(main(), 'utf8');
      // The usual port is taken, so that the server has another one.
      const other = createServer().listen(8000, '127.0.0.1');
      const servers = start(
        process.execPath,
        [nxProgram(workspace), 'run-many', '-t', 'serve', 'dev', '-p', 'my-api', 'website'],
        workspace,
      );
      const address = join(workspace, 'packages', 'my-api', 'dist', 'serve.json');
      try {
        await until('the address', () => existsSync(address) || undefined);
        const { url } = JSON.parse(readFileSync(address, 'utf8')) as { url: string };
        expect(url).not.toContain(':8000');
        await until('the address in the client', () => client().includes(`localUrl = '${url}'`) || undefined, 120);
        writeFileSync(main(), before.replace('def get_item', 'def read_item'));
        await until('the new name', () => client().includes('readItem') || undefined, 120);
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${servers.output()}`);
      } finally {
        writeFileSync(main(), before);
        await servers.stop();
        other.close();
      }
    },
    5 * minutes,
  );
});

test('nothing is left for git after all of this', () => {
  expect(existsSync(join(workspace, 'packages', 'my-api', 'dist', 'bundle.zip'))).toBe(true);
  expect(gitStatus(workspace)).toBe('');
});

/** `get /echo` and so on, from the document that the app has written. */
function openApiOperations(): string[] {
  const document = JSON.parse(readFileSync(join(workspace, 'packages', 'my-api', 'dist', 'openapi.json'), 'utf8')) as {
    paths: Record<string, object>;
  };
  return Object.entries(document.paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method} ${path}`));
}
