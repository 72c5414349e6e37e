import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { createEnv } from 'yeoman-environment';
import Generator from 'yeoman-generator';
import AppGenerator from '../../../generators/app/index.ts';
import ConnectionGenerator from '../../../generators/connection/index.ts';
import IacGenerator, { type IacOptions } from '../../../generators/iac/index.ts';
import { put, read, snapshot, tree } from '../../support/trust-tree.ts';

/** Runs a generator in a folder, without a terminal. */
async function run(Outer: unknown, root: string, options: object = {}, flags: object = {}): Promise<void> {
  const settings = { cwd: root, sharedOptions: { ignoreVersionCheck: true }, stdout: silent, stderr: silent, ...flags };
  const environment = createEnv(settings as object);
  environment.register(Outer as never, { namespace: 'outer', resolved: join(root, 'outer.js') } as never);
  await environment.run(['outer'], { skipInstall: true, ...options } as never);
}

const silent = new PassThrough().resume();

const quiet = { yes: true, skipInstall: true } as const;

test('one typed line composes ours', async () => {
  const root = tree();
  await run(
    class extends Generator {
      async initializing() {
        await AppGenerator.compose(this, { name: 'Orders', auth: 'Cognito', iacProvider: 'Terraform', ...quiet });
      }
    },
    root,
  );
  expect(read(root, 'packages/infra/orders.tf')).toContain('auth                  = "Cognito"');
});

test('an option that ours does not have, or a value that it does not take, does not compile', async () => {
  const outer = {} as Generator;
  // @ts-expect-error there is no such option
  const unknown = () => AppGenerator.compose(outer, { name: 'Orders', authentication: 'IAM' });
  // @ts-expect-error no such kind of auth
  const wrong = () => AppGenerator.compose(outer, { name: 'Orders', auth: 'Basic' });
  expect([unknown, wrong]).toHaveLength(2);
});

test('composed twice, ours makes both APIs', async () => {
  const root = tree();
  await run(
    class extends Generator {
      async initializing() {
        await AppGenerator.compose(this, { name: 'Orders', ...quiet });
        await AppGenerator.compose(this, { name: 'Billing', ...quiet });
      }
    },
    root,
  );
  expect(['orders', 'billing'].map((name) => existsSync(join(root, `packages/${name}/project.json`)))).toEqual([true, true]);
  expect(read(root, 'packages/infra/src/stacks/index.ts')).toMatch(/BillingStack[\s\S]*OrdersStack/);
  const { apis } = JSON.parse(read(root, '.yo-rc.json'))['generator-fastapi-lambda'] as { apis: Record<string, { port: number }> };
  expect(
    Object.values(apis)
      .map(({ port }) => port)
      .sort(),
  ).toEqual([8000, 8001]);
});

test('a flag that only the second one is given is refused: it would hold for all or for none', async () => {
  const root = tree();
  const outer = class extends Generator {
    async initializing() {
      await AppGenerator.compose(this, { name: 'Orders', ...quiet });
      await AppGenerator.compose(this, { name: 'Billing', dryRun: true, ...quiet });
    }
  };
  await expect(run(outer, root)).rejects.toThrow('--dry-run is given as false and as true in one run');
  expect(existsSync(join(root, '.yo-rc.json'))).toBe(false);
});

test('a project that another generator of the run writes keeps its name to itself', async () => {
  const root = tree();
  const outer = class extends Generator {
    async initializing() {
      await AppGenerator.compose(this, { name: 'Orders', ...quiet });
    }
    writing() {
      this.fs.write(this.destinationPath('packages/other/project.json'), '{ "name": "orders" }');
    }
  };
  await expect(run(outer, root)).rejects.toThrow('packages/other already holds a project orders: choose another name');
  expect(snapshot(root).size).toBe(0);
});

test('however many folders a workspace has, what other generators write is gathered equally often', async () => {
  const gathered: number[] = [];
  for (const folders of [1, 40]) {
    const root = tree(Object.fromEntries(Array.from({ length: folders }, (_, at) => [`libs/lib-${at}/mine.txt`, 'mine\n'])));
    const outer = class extends Generator {
      async initializing() {
        const { sharedFs } = this.env as unknown as { sharedFs: { all(): unknown[] } };
        const all = sharedFs.all.bind(sharedFs);
        gathered.push(0);
        sharedFs.all = () => {
          gathered[gathered.length - 1] = (gathered.at(-1) ?? 0) + 1;
          return all();
        };
        await AppGenerator.compose(this, { name: 'Orders', ...quiet });
      }
    };
    await run(outer, root);
  }
  expect(gathered[0]).toBeGreaterThan(0);
  expect(gathered[1]).toBe(gathered[0]);
});

test.each(['the environment', 'its run'] as const)('flags that %s is given hold for ours too', async (whose) => {
  const root = tree({ 'package.json': '{ "name": "shop" }\n', 'packages/orders/run.sh': 'mine\n', 'node_modules/.keep': '' });
  const outer = class extends Generator {
    async initializing() {
      await AppGenerator.compose(this, { name: 'Orders', yes: true });
    }
    writing() {
      this.fs.extendJSON(this.destinationPath('package.json'), { scripts: { theirs: 'echo theirs' } });
    }
  };
  // skipInstall is one of them: nothing is installed here.
  const flags = { force: true, skipInstall: true };
  await run(outer, root, whose === 'its run' ? flags : { skipInstall: true }, whose === 'its run' ? {} : { force: true });
  expect(read(root, 'packages/orders/run.sh')).toContain('uvicorn');
  expect(JSON.parse(read(root, 'package.json'))).toMatchObject({ scripts: { theirs: 'echo theirs' } });
});

test('an API that has the flavour of its workspace gets none again, unless the other one is named', async () => {
  const root = tree();
  const outer = (options: object) =>
    class extends Generator {
      async initializing() {
        await IacGenerator.compose(this, { ...options, ...quiet } as IacOptions);
      }
    };
  const both = class extends Generator {
    async initializing() {
      await AppGenerator.compose(this, { name: 'Orders', ...quiet });
      await IacGenerator.compose(this, { api: 'orders', ...quiet });
    }
  };
  for (let round = 0; round < 2; round += 1) await run(both, root);
  const before = snapshot(root);
  const said = new PassThrough();
  await run(outer({}), root, {}, { stderr: said });
  expect(String(said.read())).toContain('Orders has CDK already: for another flavour, give --iac-provider Terraform.');
  expect(snapshot(root)).toEqual(before);
  // Nor is a run that was killed left unfinished for it.
  put(root, { '.yo-rc.json': read(root, '.yo-rc.json').replace('"scope"', '"unfinished": true,\n    "scope"') });
  await run(outer({}), root);
  expect(snapshot(root)).toEqual(before);
  await run(outer({ iacProvider: 'Terraform' }), root);
  await run(outer({}), root);
  expect(read(root, '.yo-rc.json')).toMatch(/"CDK",\s+"Terraform"/);
});

/** A generator that keeps answers, merges into package.json and writes a .gitignore of its own, in one of Yeoman's queues. */
function writesToo(queue: 'initializing' | 'writing'): unknown {
  return class extends Generator {
    async initializing() {
      if (queue === 'initializing') this.own();
      await AppGenerator.compose(this, { name: 'Orders', ...quiet });
    }
    writing() {
      if (queue === 'writing') this.own();
    }
    get own() {
      return () => {
        this.config.set('theirs', { answer: 42 });
        this.packageJson.merge({ scripts: { theirs: 'echo theirs' }, devDependencies: { nx: '^24.0.0' } });
        this.fs.write(this.destinationPath('.gitignore'), 'theirs/\n');
      };
    }
  };
}

/** Another generator, which keeps an answer of its own once ours have written. */
function keepsLate(queue: 'install' | 'end', name: string) {
  return class extends Generator {
    async initializing() {
      await AppGenerator.compose(this, { name, ...quiet });
    }
    install() {
      if (queue === 'install') this.config.set('late', name);
    }
    end() {
      if (queue === 'end') this.config.set('late', name);
    }
  };
}

test.each(['install', 'end'] as const)('an answer that another generator keeps in %s takes none of ours away', async (queue) => {
  const root = tree();
  for (const name of ['Orders', 'Billing']) await run(keepsLate(queue, name), root, { force: true });
  const { 'generator-fastapi-lambda': ours, ...others } = JSON.parse(read(root, '.yo-rc.json'));
  expect(Object.values(others)).toEqual([{ late: 'Billing' }]);
  expect(ours).toMatchObject({ apis: { orders: { name: 'Orders' }, billing: { name: 'Billing' } } });
});

test.each(['initializing', 'writing'] as const)(
  'what another generator of the run writes while %s is kept, and ours is added to it',
  async (queue) => {
    const root = tree();
    for (let round = 0; round < 2; round += 1) {
      await run(writesToo(queue), root);
      expect(JSON.parse(read(root, '.yo-rc.json'))).toMatchObject({
        '*': { theirs: { answer: 42 } },
        'generator-fastapi-lambda': { apis: { orders: { name: 'Orders' } } },
      });
      const manifest = JSON.parse(read(root, 'package.json')) as { scripts: object; devDependencies: Record<string, string> };
      expect(manifest).toMatchObject({ scripts: { theirs: 'echo theirs' }, devDependencies: { nx: '^24.0.0' } });
      expect(manifest.devDependencies['aws-cdk-lib']).toBeDefined();
      expect(read(root, '.gitignore')).toMatch(/^theirs\/\n[\s\S]*cdk\.out\//);
    }
  },
);

test('a website that another generator of the run writes is connected to an API that the same run makes', async () => {
  const root = tree();
  const website: Record<string, string> = {
    'package.json': '{ "name": "website", "dependencies": { "react": "^19.0.0" } }\n',
    'index.html': '<script type="module" src="/src/main.tsx"></script>\n',
    'tsconfig.json': '{}\n',
    'vite.config.ts': 'export default {};\n',
    'src/main.tsx': "import App from './App';\n\ncreateRoot(root).render(<App />);\n",
  };
  await run(
    class extends Generator {
      async initializing() {
        await AppGenerator.compose(this, { name: 'Orders', ...quiet });
        await ConnectionGenerator.compose(this, { api: 'Orders', project: 'packages/website', ...quiet });
      }
      writing() {
        for (const [path, text] of Object.entries(website)) this.fs.write(this.destinationPath('packages/website', path), text);
      }
    },
    root,
  );
  expect(read(root, 'packages/website/src/main.tsx')).toContain('<OrdersProvider>');
  expect(read(root, 'packages/website/package.json')).toContain('@tanstack/react-query');
  expect(read(root, 'packages/website/src/connections/orders.ts')).toContain('createOrders');
});

test('a second run of the same composition changes nothing', async () => {
  const root = tree();
  await run(writesToo('writing'), root);
  const before = snapshot(root);
  await run(writesToo('writing'), root);
  expect(snapshot(root)).toEqual(before);
});

test('what another generator of the run has deleted counts as gone', async () => {
  const root = tree({ 'package.json': '{ "name": "@shop/old" }\n' });
  await run(
    class extends Generator {
      async initializing() {
        this.fs.delete(this.destinationPath('package.json'));
        await AppGenerator.compose(this, { name: 'Orders', ...quiet });
      }
    },
    root,
  );
  expect(readFileSync(join(root, 'package.json'), 'utf8')).toContain('/workspace"');
});

test('an error of ours rejects the run, and nothing of either is written', async () => {
  const root = tree();
  put(root, { 'README.md': 'mine\n' });
  const before = snapshot(root);
  await expect(
    run(
      class extends Generator {
        async initializing() {
          await AppGenerator.compose(this, { name: '!!!', ...quiet });
        }
        writing() {
          this.fs.write(this.destinationPath('theirs.txt'), 'theirs');
        }
      },
      root,
    ),
  ).rejects.toThrow('has no letter');
  expect(snapshot(root)).toEqual(before);
});

test('what another generator writes after the commit is written too, and an API that is composed late is made', async () => {
  const root = tree();
  await run(
    class extends Generator {
      async initializing() {
        await AppGenerator.compose(this, { name: 'Orders', ...quiet });
      }
      async install() {
        this.fs.write(this.destinationPath('late.txt'), 'late\n');
        await AppGenerator.compose(this, { name: 'Billing', ...quiet });
      }
    },
    root,
  );
  expect(read(root, 'late.txt')).toBe('late\n');
  expect(read(root, 'packages/infra/src/stacks/index.ts')).toMatch(/BillingStack[\s\S]*OrdersStack/);
  expect(read(root, '.yo-rc.json')).not.toContain('unfinished');
});

test('two workspaces of one run both get all that is theirs', async () => {
  const root = tree();
  await run(
    class extends Generator {
      async initializing() {
        for (const name of ['one', 'two']) {
          this.destinationRoot(join(root, name));
          this.env.cwd = join(root, name);
          await AppGenerator.compose(this, { name: 'Orders', ...quiet });
        }
      }
    },
    root,
  );
  for (const name of ['one', 'two']) {
    expect(read(root, `${name}/.yo-rc.json`)).toContain('"orders"');
    expect(existsSync(join(root, name, '.fastapi-lambda/orders.json'))).toBe(true);
  }
});

test('the mode of a file that another generator copies is kept', async () => {
  const root = tree();
  const from = tree({ 'run.sh': '#!/bin/sh\n' });
  chmodSync(join(from, 'run.sh'), 0o755);
  await run(
    class extends Generator {
      async initializing() {
        await AppGenerator.compose(this, { name: 'Orders', ...quiet });
      }
      writing() {
        this.fs.copy(join(from, 'run.sh'), this.destinationPath('run.sh'));
      }
    },
    root,
  );
  expect(statSync(join(root, 'run.sh')).mode & 0o777).toBe(0o755);
});

test('flags of one run that differ are refused', async () => {
  const root = tree();
  await expect(
    run(
      class extends Generator {
        async initializing() {
          await AppGenerator.compose(this, { name: 'Orders', dryRun: false, ...quiet });
          await AppGenerator.compose(this, { name: 'Billing', dryRun: true, ...quiet });
        }
      },
      root,
    ),
  ).rejects.toThrow('--dry-run is given as false and as true');
  expect(snapshot(root).size).toBe(0);
});
