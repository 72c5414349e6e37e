import { npmVersion, pythonRequirement } from '../../lib/templates/versions.ts';

test('a requirement of a generated project is read from the real manifest', () => {
  expect(pythonRequirement('fastapi')).toMatch(/^fastapi>=/);
  expect(npmVersion('tsx')).toMatch(/^\^/);
});
