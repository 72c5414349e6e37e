// Random Pydantic models: what the type says is what arrives, both ways, and what the server refuses for its shape does not compile.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { python } from '../../support/connection-api.ts';
import { complaints, website } from '../../support/connection-website.ts';

interface Case {
  operation: string;
  seed: number;
  sent: unknown[];
  received: unknown[];
  refused: unknown[];
}

const total = process.env.VERIFY_FULL === '1' ? 5_000 : 200;
/** One app has so many operations. */
const batch = 200;
const start = Number(process.env.RANDOM_SEED ?? Date.now() % 1_000_000_000);

test(`${total} models from seed ${start}`, () => {
  const counts = { sent: 0, received: 0, refused: 0 };
  for (let seed = start; seed < start + total; seed += batch) {
    const { document, cases }: { document: object; cases: Case[] } = JSON.parse(python(['random_models.py', `${seed}`, `${batch}`]));
    const { root } = website(`random-${total}`, document);
    mkdirSync(join(root, 'src', 'cases'));
    for (const one of cases) {
      const body = `Operations['${one.operation}']['input']['body']`;
      const line = (kind: keyof typeof counts, type: string, value: unknown, index: number) => {
        counts[kind] += 1;
        return `${kind === 'refused' ? '// @ts-expect-error\n' : ''}export const ${kind}${index}: ${type} = ${JSON.stringify(value)};\n`;
      };
      const text = [
        ...one.sent.map((value, index) => line('sent', body, value, index)),
        ...one.received.map((value, index) => line('received', `Operations['${one.operation}']['output']`, value, index)),
        ...one.refused.map((value, index) => line('refused', body, value, index)),
      ].join('');
      const head = `// Seed ${one.seed}\nimport type { Operations } from '../connections/shapes.gen';\n\n`;
      writeFileSync(join(root, 'src', 'cases', `${one.operation}.ts`), head + text);
    }
    expect({ seed, complaints: Object.values(complaints(root, '7')).slice(0, 10) }).toEqual({ seed, complaints: [] });
  }
  expect(counts.sent).toBe(total * 4);
  expect(counts.received).toBe(total * 4);
  expect(counts.refused).toBeGreaterThan(total * 3);
}, 3_600_000);
