import { capabilities, codeOf } from '../support/terraform-flavours.ts';

const code = { cdk: codeOf('cdk'), terraform: codeOf('terraform') };

test.each(capabilities)('both flavours give $what', ({ cdk, terraform }) => {
  expect(code.cdk).toContain(cdk);
  expect(code.terraform).toContain(terraform);
});
