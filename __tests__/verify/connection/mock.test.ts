// The stand-in of an API in a website's own test runner.
import { execFileSync } from 'node:child_process';
import { copyFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { apiDocument, apiFolder } from '../../support/connection-api.ts';
import { complaints, npmFolder, website } from '../../support/connection-website.ts';

test("a component's tests under Vitest, without a server", () => {
  const { root } = website('mock', apiDocument(), { auth: 'Cognito' });
  const packages = npmFolder('connection-vitest', {
    '@tanstack/react-query': '^5.108.4',
    '@testing-library/dom': '^10.4.0',
    '@testing-library/react': '^16.3.0',
    '@types/react': '^19',
    '@types/react-dom': '^19',
    aws4fetch: '^1.0.20',
    'happy-dom': '^21.0.4',
    react: '^19',
    'react-dom': '^19',
    typescript: '^7.0.2',
    vite: '8.3.8',
    vitest: '^4.0.0',
  });
  rmSync(join(root, 'node_modules'));
  symlinkSync(join(packages, 'node_modules'), join(root, 'node_modules'));
  copyFileSync(join(apiFolder, 'website', 'mock.test.tsx'), join(root, 'src', 'mock.test.tsx'));
  expect(complaints(root, '7')).toEqual({});
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--environment', 'happy-dom', '--root', root];
  const env = { ...process.env, NODE_ENV: 'test', NODE_OPTIONS: '', NO_COLOR: '1', VITEST: '', JEST_WORKER_ID: '' };
  let output: string;
  try {
    output = execFileSync(process.execPath, vitest, { cwd: root, env, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(stdout + stderr);
  }
  expect(output).toMatch(/Tests\s+8 passed \(8\)/);
}, 600_000);
