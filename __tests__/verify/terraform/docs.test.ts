// The Terraform of the documentation and of the generated READMEs is formatted and valid as it stands there.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exampleRoutes, type Route } from '../../support/cdk-openapi.ts';
import { snippetsOfKind } from '../../support/documentation.ts';
import { describeTerraform } from '../../support/terraform-suite.ts';
import { terraformOk } from '../../support/terraform-tools.ts';
import { commonDir, initialisedWorkspace, type TerraformWorkspace, writeCall } from '../../support/terraform-workspace.ts';

/** What the pages take for granted. */
const given = `
resource "aws_iam_role" "caller" {
  name               = "caller"
  assume_role_policy = "{}"
}

resource "aws_dynamodb_table" "items" {
  name         = "items"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_sns_topic" "alarms" {
  name = "alarms"
}
`;

describeTerraform("the documentation's Terraform", () => {
  const all = snippetsOfKind('terraform').map(({ code }) => code);
  const call = all.filter((code) => code.startsWith('module "my_api"'));
  const resources = all.filter((code) => code.startsWith('resource '));
  const choices = all.filter((code) => !call.includes(code) && !resources.includes(code));
  let workspace: TerraformWorkspace;
  beforeAll(() => {
    workspace = initialisedWorkspace('docs');
    writeFileSync(join(workspace.infra, 'documentation.tf'), [given, ...resources].join('\n'));
  }, 60_000);
  const isValid = () => terraformOk(workspace.infra, ['validate']);

  test('is formatted', () => {
    const file = join(workspace.infra, 'formatted.tf');
    writeFileSync(file, all.join('\n'));
    terraformOk(workspace.infra, ['fmt', '-check', '-diff', 'formatted.tf']);
    writeFileSync(file, '');
  });

  test('has choices that the call of an API takes', () => {
    expect(choices.length).toBeGreaterThan(1);
    writeCall(workspace, choices.join('\n').replace(/^(?=.)/gm, '  '));
    isValid();
  }, 60_000);

  test('has a call of an API', () => {
    expect(call).toHaveLength(1);
    const file = join(workspace.infra, `${workspace.data.apiName}.tf`);
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replace(/^module "my_api" \{[\s\S]*?^\}\n/m, () => call[0] as string),
    );
    expect(readFileSync(file, 'utf8')).toContain('aws_dynamodb_table.items');
    isValid();
  }, 60_000);
});

/** What the generated READMEs take for granted besides. */
const givenToReadmes = `${given}
resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "private" {
  count      = 1
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_s3_bucket" "files" {}

resource "aws_s3_bucket" "website" {}

resource "aws_iam_role" "api_gateway" {
  assume_role_policy = "{}"
}

resource "aws_lambda_function" "reports" {
  function_name = "reports"
  role          = aws_iam_role.caller.arn
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/reports:1"
}

resource "aws_cloudfront_distribution" "website" {
  enabled = true

  origin {
    origin_id   = "website"
    domain_name = aws_s3_bucket.website.bucket_regional_domain_name
  }

  default_cache_behavior {
    target_origin_id       = "website"
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}
`;

describeTerraform("the generated READMEs' Terraform", () => {
  let workspace: TerraformWorkspace;
  let blocks: string[];
  beforeAll(() => {
    const routes: Route[] = [
      ...exampleRoutes,
      ['GET', '/documentation', 'get_documentation'],
      ['GET', '/file', 'get_file'],
      ['POST', '/report', 'send_report'],
    ];
    workspace = initialisedWorkspace('readmes', {}, routes);
    const { root, infra, api } = workspace;
    blocks = [join(root, commonDir), api, infra].flatMap((folder) =>
      [...readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/^ *```hcl\n([\s\S]*?)^ *```$/gm)].map(([, code = '']) => code),
    );
    writeFileSync(join(infra, 'given.tf'), givenToReadmes);
  }, 60_000);
  const withStart = (start: RegExp): string[] => blocks.filter((code) => start.test(code));

  test('is formatted, each block of a kind that is run below', () => {
    expect(blocks).toHaveLength(7);
    expect(withStart(/^(module|resource|output|function_defaults|operations|allowed_origins)/)).toHaveLength(7);
    const file = join(workspace.infra, 'formatted.tf');
    for (const block of blocks) {
      writeFileSync(file, block);
      terraformOk(workspace.infra, ['fmt', '-check', '-diff', 'formatted.tf']);
    }
    rmSync(file);
  });

  test('has choices that the call of an API takes', () => {
    const [rollout = ''] = withStart(/# \.\.\.\n/);
    const inside = rollout.replace(/^module .*\n|^ *# \.\.\.\n|^\}\n/gm, '');
    expect(inside).toContain('rollout');
    const [functions = ''] = withStart(/^function_defaults/);
    const others = withStart(/^(operations|allowed_origins)/);
    expect(others).toHaveLength(2);
    // Each argument is given once in a call.
    for (const choices of [functions, [inside, ...others].join('\n')]) {
      writeCall(workspace, choices.replace(/^(?=.)/gm, '  '));
      terraformOk(workspace.infra, ['validate']);
    }
  }, 120_000);

  test('has a call of an API, and resources and outputs beside it', () => {
    const [call = ''] = withStart(/^module (?![\s\S]*# \.\.\.\n)/);
    const { infra, data } = workspace;
    const file = join(infra, `${data.apiName}.tf`);
    const text = readFileSync(file, 'utf8');
    const called = text.replace(/^module "my_api" \{[\s\S]*?^\}\n/m, () => call);
    expect(called).not.toBe(text);
    writeFileSync(file, called);
    const beside = withStart(/^(resource|output)/);
    expect(beside).toHaveLength(2);
    writeFileSync(join(infra, 'beside.tf'), beside.join('\n'));
    terraformOk(infra, ['validate']);
  }, 60_000);
});
