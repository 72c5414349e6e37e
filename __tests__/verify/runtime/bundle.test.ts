import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inProject, lambdaEnv, machineArchitecture, writeWorkspace } from '../../support/runtime-project.ts';

const minutes = 60_000;
const isFull = process.env.VERIFY_FULL === '1';
/** What another test stands for as well runs in the full size alone. */
const full = isFull ? test : test.skip;
const architectures = { arm64: 'aarch64', x86_64: 'x86_64' } as const;
const machineLast = Object.entries(architectures).sort(([a]) => (a === machineArchitecture ? 1 : -1));

let root: string;
let api: string;
const main = (): string => join(api, 'my_api', 'main.py');
const manifest = (): string => join(api, 'pyproject.toml');

beforeAll(() => {
  root = writeWorkspace('bundles');
  api = join(root, 'packages', 'my-api');
}, 5 * minutes);

/** Runs a test in the workspace, whose files are then as they were before. */
function changed(paths: string[], body: () => void): void {
  const before = paths.map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined));
  try {
    body();
  } finally {
    paths.forEach((path, index) => {
      const text = before[index];
      if (text === undefined) rmSync(path, { recursive: true, force: true });
      else writeFileSync(path, text);
    });
  }
}

const lockAndManifests = (): string[] => [join(root, 'uv.lock'), join(root, 'pyproject.toml'), manifest()];
// The environment of development stays as it is: a bundle takes nothing from it, and installing there what a test adds takes time.
const add = (...args: string[]): string => inProject(api, ['add', '--quiet', '--no-sync', ...args]);
const tool = ['python', '-m', 'fastapi_runtime.tools.bundle'];
const bundle = (architecture: string = machineArchitecture): string =>
  inProject(api, ['run', '--no-sync', ...tool, `--architecture=${architecture}`]);
const entries = (): string[] => readdirSync(join(api, 'dist', 'bundle'));
const edit = (path: string, from: string | RegExp, to: string): void => {
  const text = readFileSync(path, 'utf8');
  expect(text).toMatch(from);
  writeFileSync(path, text.replace(from, to));
};
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(api, path)), { recursive: true });
  writeFileSync(join(api, path), text);
};

/** The last line of what a refused bundle prints. */
function refusal(architecture: string = machineArchitecture): string {
  try {
    bundle(architecture);
  } catch (error) {
    expect(existsSync(join(api, 'dist', 'bundle'))).toBe(false);
    expect(existsSync(join(api, 'dist', 'bundle.zip'))).toBe(false);
    return (error as Error).message.trim().split('\n').at(-1) ?? '';
  }
  throw new Error('the bundle was not refused');
}

/** Tags of the wheel that a package in the bundle came from. */
function tags(name: string): string[] {
  const folder = entries().find((entry) => entry.startsWith(`${name}-`) && entry.endsWith('.dist-info')) as string;
  const text = readFileSync(join(api, 'dist', 'bundle', folder, 'WHEEL'), 'utf8');
  return [...text.matchAll(/^Tag: *(\S+)/gm)].map(([, tag]) => tag as string);
}

/** Native libraries in the bundle are of one machine, by the header that each has. */
function machines(): Set<string> {
  const found = new Set<string>();
  for (const name of readdirSync(join(api, 'dist', 'bundle'), { recursive: true, encoding: 'utf8' })) {
    if (!/\.so(\.\d+)*$/.test(name)) continue;
    const header = readFileSync(join(api, 'dist', 'bundle', name)).subarray(0, 20);
    found.add({ 183: 'aarch64', 62: 'x86_64' }[header.readUInt16LE(18)] ?? 'other');
  }
  return found;
}

const compiled = ['numpy', ...(isFull ? ['pandas', 'pillow', 'psycopg[binary]'] : [])];
const imports = isFull
  ? 'import dkim, numpy, pandas, PIL.Image, psycopg, pydantic_settings, shared\n'
  : 'import dkim, numpy, pydantic_settings, shared\n';

test(
  'packages with compiled code, one without a wheel and a member of the workspace are in the bundle for either architecture, and it runs',
  () =>
    changed([...lockAndManifests(), main(), join(root, 'packages', 'shared')], () => {
      inProject(root, ['init', '--quiet', '--lib', 'packages/shared']);
      writeFileSync(join(root, 'packages', 'shared', 'src', 'shared', '__init__.py'), 'GREETING = "hello"\n');
      add(...compiled, 'emails', 'pydantic-settings', 'shared');
      edit(main(), /\nfrom pydantic import/, `\n${imports}from pydantic import`);
      edit(main(), 'return Message(message=message)', 'return Message(message=f"{shared.GREETING} {int(numpy.sum([1, 2]))}")');
      for (const [architecture, machine] of machineLast) {
        bundle(architecture);
        expect(machines()).toEqual(new Set([machine]));
        for (const name of compiled.map((name) => ({ 'psycopg[binary]': 'psycopg_binary' })[name] ?? name)) {
          for (const tag of tags(name)) {
            const glibc = new RegExp(`^cp313-cp313-manylinux(2014|_2_(\\d+))_${machine}$`).exec(tag);
            expect(glibc).not.toBeNull();
            expect(Number(glibc?.[2] ?? 17)).toBeLessThanOrEqual(34);
          }
        }
        expect(tags('dkimpy')).toEqual(['py3-none-any']);
        expect(entries()).toEqual(expect.arrayContaining(['dkim', 'shared', 'fastapi_runtime']));
      }
      expect(answerOf(join(api, 'dist', 'bundle'))).toBe('{"message":"hello 3"}');
    }),
  10 * minutes,
);

/** Starts a bundle as Lambda does, with a plain Python, and asks its `/echo`. */
function answerOf(task: string): string {
  const program = [
    'import os, signal, socket, subprocess, sys, time, urllib.request',
    'probe = socket.socket(); probe.bind(("127.0.0.1", 0)); port = probe.getsockname()[1]; probe.close()',
    'env = {**os.environ, "LAMBDA_TASK_ROOT": sys.argv[1], "PORT": str(port)}',
    'server = subprocess.Popen(["sh", sys.argv[1] + "/run.sh"], env=env, stdout=subprocess.DEVNULL, start_new_session=True)',
    'try:',
    '    for _ in range(600):',
    '        try:',
    '            print(urllib.request.urlopen(f"http://127.0.0.1:{port}/echo?message=hi").read().decode()); break',
    '        except OSError: time.sleep(0.1)',
    'finally: os.killpg(server.pid, signal.SIGKILL)',
  ].join('\n');
  return execFileSync('python3', ['-c', program, task], { env: lambdaEnv(), encoding: 'utf8' }).trim();
}

test(
  'the runtime that pyproject.toml states is enough to move the bundle, and back; one that Lambda does not have is refused by name',
  () =>
    changed([manifest()], () => {
      for (const runtime of isFull ? ['python3.14', 'python3.12', 'python3.13'] : ['python3.14']) {
        edit(manifest(), /runtime = ".*"/, `runtime = "${runtime}"`);
        bundle();
        const python = runtime.replace('python3.', 'cp3');
        expect(tags('pydantic_core')[0]).toMatch(new RegExp(`^${python}-${python}-manylinux.*_(aarch64|x86_64)$`));
      }
      edit(manifest(), /runtime = ".*"/, 'runtime = "python3.9"');
      expect(refusal()).toBe(
        'pyproject.toml, [tool.fastapi-lambda]: Lambda has no runtime python3.9: take python3.12, python3.13, python3.14, python3.15.',
      );
    }),
  5 * minutes,
);

test(
  'a manifest that the lock does not follow is an error with the command to run, and the lock stays as it is',
  () =>
    changed([manifest()], () => {
      const before = readFileSync(join(root, 'uv.lock'), 'utf8');
      edit(manifest(), 'dependencies = [\n', 'dependencies = [\n  "markupsafe",\n');
      expect(() => inProject(api, ['run', '--locked', ...tool])).toThrow(/uv lock/);
      expect(() => bundle()).toThrow(/uv lock/);
      expect(readFileSync(join(root, 'uv.lock'), 'utf8')).toBe(before);
    }),
  2 * minutes,
);

test(
  'a package whose hash is not the one of the lock is refused',
  () =>
    changed([join(root, 'uv.lock')], () => {
      edit(join(root, 'uv.lock'), /(h11-[\d.]+-py3-none-any\.whl", hash = "sha256:)[0-9a-f]{64}/, `$1${'0'.repeat(64)}`);
      edit(join(root, 'uv.lock'), /(h11-[\d.]+\.tar\.gz", hash = "sha256:)[0-9a-f]{64}/, `$1${'0'.repeat(64)}`);
      expect(() => bundle()).toThrow(/[Hh]ash mismatch.*h11/s);
    }),
  2 * minutes,
);

test(
  'a local package is in the bundle as its files are now, and one that compiles code is refused',
  () =>
    changed([...lockAndManifests(), main(), join(root, 'packages', 'fast')], () => {
      inProject(root, ['init', '--quiet', '--lib', 'packages/fast']);
      const module = join(root, 'packages', 'fast', 'src', 'fast', '__init__.py');
      writeFileSync(module, 'VALUE = 1\n');
      add('fast');
      bundle();
      writeFileSync(module, 'VALUE = 2\n');
      bundle();
      expect(readFileSync(join(api, 'dist', 'bundle', 'fast', '__init__.py'), 'utf8')).toBe('VALUE = 2\n');

      const setup = 'from setuptools import Extension, setup\nsetup(ext_modules=[Extension("fast._c", ["fast.c"])])\n';
      writeFileSync(join(root, 'packages', 'fast', 'setup.py'), setup);
      writeFileSync(
        join(root, 'packages', 'fast', 'fast.c'),
        '#include <Python.h>\nstatic struct PyModuleDef m = {PyModuleDef_HEAD_INIT, "_c", 0, -1, 0};\nPyMODINIT_FUNC PyInit__c(void) { return PyModule_Create(&m); }\n',
      );
      edit(
        join(root, 'packages', 'fast', 'pyproject.toml'),
        /\[build-system\][\s\S]*/,
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n',
      );
      expect(refusal()).toMatch(/^fast \(.*packages\/fast\) compiles code for this machine, which Lambda can't run: /);
    }),
  4 * minutes,
);

test(
  'a package that would compile code is refused with its name and what to do',
  () =>
    changed(lockAndManifests(), () => {
      // Its sources alone are on PyPI, with an extension in C.
      add('python-ldap==3.4.5');
      expect(refusal('arm64')).toMatch(
        /^python-ldap 3\.4\.5 has no wheel for Python 3\.13 on arm64, .*: take a version or a package that has one/,
      );
    }),
  4 * minutes,
);

test(
  'botocore is left out where this package alone needs it, and stays where the user names it or another of theirs needs it',
  () => {
    bundle();
    expect(entries()).not.toContain('botocore');
    for (const declared of isFull ? ['aiobotocore', 'botocore'] : ['aiobotocore']) {
      changed(lockAndManifests(), () => {
        add(declared);
        bundle();
        expect(entries()).toContain('botocore');
      });
    }
  },
  8 * minutes,
);

describe('files beside the module', () => {
  test(
    'are in the bundle, but for hidden ones, those that git ignores, and those that pyproject.toml names; include brings some back',
    () =>
      changed(
        [manifest(), main(), ...['shop', 'templates', 'secret.txt', '.env', 'notes', 'kept.bin'].map((name) => join(api, name))],
        () => {
          inProject(root, ['run', '--no-project', 'git', 'init', '--quiet']);
          write('shop/__init__.py', 'PRICE = 7\n');
          write('shop/data/prices.csv', 'lamp,7\n');
          write('templates/mail.html', '<p>hi</p>\n');
          write('secret.txt', 'no');
          write('kept.bin', 'yes');
          write('notes/plan.md', 'later');
          write('.env', 'A=1');
          write('.gitignore', 'secret.txt\nkept.bin\n');
          edit(manifest(), 'exclude = [', 'include = ["kept.*"]\nexclude = ["notes", ');
          edit(main(), /\nfrom pydantic import/, '\nfrom pathlib import Path\n\nimport shop\nfrom pydantic import');
          writeFileSync(main(), `${readFileSync(main(), 'utf8')}\nTEXT = Path("templates/mail.html").read_text()\n`);
          bundle();
          expect(entries()).toEqual(expect.arrayContaining(['shop', 'templates', 'kept.bin']));
          for (const name of ['secret.txt', '.env', '.gitignore', 'notes', 'tests', 'scripts', 'conftest.py', 'pyproject.toml', 'dist']) {
            expect(entries()).not.toContain(name);
          }
          expect(readFileSync(join(api, 'dist', 'bundle', 'shop', 'data', 'prices.csv'), 'utf8')).toBe('lamp,7\n');
          inProject(api, ['run', '--locked', 'python', 'scripts/generate_open_api.py']);
          inProject(api, ['run', '--locked', 'pytest']);
        },
      ),
    3 * minutes,
  );

  test(
    'that would hide a dependency are refused',
    () =>
      changed([join(api, 'click')], () => {
        write('click/__init__.py', '');
        expect(refusal()).toMatch(/^click in my-api hides a dependency of the same name: rename it/);
      }),
    2 * minutes,
  );
});

describe('the import check', () => {
  const cases: Array<[string, string, RegExp]> = [
    ['a package of development alone', '\nimport pytest\n', /No module named 'pytest'/],
    ['a file that is left out', '\nopen("pyproject.toml")\n', /No such file or directory: 'pyproject.toml'/],
    ['a variable of a shell', '\nimport os\nos.environ["ONLY_MINE"]\n', /KeyError: 'ONLY_MINE'/],
  ];
  test.each(isFull ? cases : cases.slice(0, 1))(
    'refuses an app that needs %s, for either architecture',
    (_, code, said) =>
      changed([main()], () => {
        writeFileSync(main(), readFileSync(main(), 'utf8') + code);
        for (const architecture of isFull ? Object.keys(architectures) : ['arm64']) {
          const command = ['run', '--locked', 'python', '-m', 'fastapi_runtime.tools.bundle', `--architecture=${architecture}`];
          expect(() => inProject(api, command, { ONLY_MINE: '1' })).toThrow(said);
          expect(refusal(architecture)).toMatch(/^my_api\.main can't be imported from what Lambda would have: /);
        }
      }),
    3 * minutes,
  );

  test(
    'knows the variables that pyproject.toml states',
    () =>
      changed([main(), manifest()], () => {
        writeFileSync(main(), `${readFileSync(main(), 'utf8')}\nimport os\n\nos.environ["DATABASE_URL"]\n`);
        edit(manifest(), '\n[tool.uv]', '\n[tool.fastapi-lambda.environment]\nDATABASE_URL = "sqlite://"\n\n[tool.uv]');
        bundle();
      }),
    2 * minutes,
  );
});

test(
  "a bundle above Lambda's limit is refused with its largest packages, and told from 60% on; layers of one's own count",
  () =>
    changed([manifest()], () => {
      edit(manifest(), 'exclude = [', 'layer-bytes = 130000000\nexclude = [');
      expect(bundle()).toMatch(
        /^The bundle has 1\d\d\.\d MB of the 262\.1 MB that Lambda takes, layers included\. The largest: [\w-]+ \d+\.\d MB, /m,
      );
      edit(manifest(), 'layer-bytes = 130000000', 'layer-bytes = 240000000');
      const said = refusal();
      expect(said).toMatch(/^The bundle has 2\d\d\.\d MB of the 262\.1 MB that Lambda takes, layers included: leave out/);
      expect(said.split('The largest: ')[1]?.split(', ')).toHaveLength(10);
    }),
  2 * minutes,
);

full(
  'files of the app count towards the limit',
  () =>
    changed([join(api, 'blob.bin')], () => {
      writeFileSync(join(api, 'blob.bin'), Buffer.alloc(250_000_000));
      expect(refusal()).toMatch(/The largest: my-api itself 250\.\d MB, /);
    }),
  2 * minutes,
);

test(
  'two builds of the same inputs are the same byte for byte, a local package and a built one among them',
  () =>
    changed(lockAndManifests(), () => {
      add('dkimpy');
      bundle();
      const first = readFileSync(join(api, 'dist', 'bundle.zip'));
      bundle();
      expect(readFileSync(join(api, 'dist', 'bundle.zip')).equals(first)).toBe(true);
    }),
  3 * minutes,
);

test('the architecture of this machine is one of those that are tested', () => {
  expect(Object.keys(architectures)).toContain(machineArchitecture);
});
