// The function that gives API Gateway its logging role, against stand-ins of boto3 and cfnresponse.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../../lib/templates/package-root.ts';

const standIns = {
  'boto3.py': `
import os

class BadRequestException(Exception):
    pass

class Gateway:
    class exceptions:
        BadRequestException = BadRequestException

    failures = int(os.environ["FAILURES"])

    def get_account(self):
        return {"cloudwatchRoleArn": os.environ["ROLE"]} if os.environ["ROLE"] else {}

    def update_account(self, patchOperations):
        if Gateway.failures > 0:
            Gateway.failures -= 1
            raise BadRequestException("The role ARN does not have required permissions")
        print("set", patchOperations[0]["value"])

def client(name):
    return Gateway()
`,
  'cfnresponse.py': `
SUCCESS, FAILED = "SUCCESS", "FAILED"

def send(event, context, status, data, id, noEcho=False, reason=None):
    print(status, id)
`,
  'run.py': `
import importlib.util, os, sys, time
time.sleep = lambda seconds: None
spec = importlib.util.spec_from_file_location("role", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
module.handler({"RequestType": os.environ["REQUEST"], "ResourceProperties": {"RoleArn": "arn:role"}}, None)
`,
};

function run(request: string, { role = '', failures = 0 } = {}): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'logging-role-'));
  try {
    for (const [name, source] of Object.entries(standIns)) writeFileSync(join(folder, name), source);
    const output = execFileSync('python3', [join(folder, 'run.py'), join(packageRoot(), 'templates/infra-cdk/src/logging-role.py')], {
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1', REQUEST: request, ROLE: role, FAILURES: String(failures) },
    });
    return output.trim().split('\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('sets the role where there is none', () => {
  expect(run('Create')).toEqual(['set arn:role', 'SUCCESS logging-role']);
});

test('leaves a role that is there', () => {
  expect(run('Create', { role: 'arn:other' })).toEqual(['SUCCESS logging-role']);
  expect(run('Update', { role: 'arn:other' })).toEqual(['SUCCESS logging-role']);
});

test('changes nothing when the stack is deleted', () => {
  expect(run('Delete')).toEqual(['SUCCESS logging-role']);
  expect(run('Delete', { role: 'arn:role' })).toEqual(['SUCCESS logging-role']);
});

test('waits until API Gateway sees a new role', () => {
  expect(run('Create', { failures: 3 })).toEqual(['set arn:role', 'SUCCESS logging-role']);
});

test('says so where the role is refused to the end', () => {
  expect(run('Create', { failures: 99 }).at(-1)).toBe('FAILED logging-role');
});
