import { mergeDependencies } from '../../../lib/merge/dependencies.ts';

const merge = (manifest: object, devDependencies: Record<string, string>) =>
  mergeDependencies(JSON.stringify(manifest, null, 2), { devDependencies });

test('a package that is missing becomes a development dependency', () => {
  expect(JSON.parse(merge({ name: 'x' }, { tsx: '^4.0.0' }).text)).toEqual({ name: 'x', devDependencies: { tsx: '^4.0.0' } });
});

test('a version that can satisfy ours stays, without a word', () => {
  const merged = merge({ dependencies: { tsx: '^4.1.0' }, devDependencies: { nx: '24.3.0' } }, { tsx: '^4.20.0', nx: '24.0.6' });
  expect(JSON.parse(merged.text)).toEqual({ dependencies: { tsx: '^4.1.0' }, devDependencies: { nx: '24.3.0' } });
  expect(merged.notes).toEqual([]);
});

test('a version that does not satisfy ours stays, and a note tells of it', () => {
  const merged = merge({ devDependencies: { typescript: '~5.4.0' } }, { typescript: '^7.0.0' });
  expect(JSON.parse(merged.text)).toEqual({ devDependencies: { typescript: '~5.4.0' } });
  expect(merged.notes).toEqual(['keeps typescript ~5.4.0, which may be too old or too new: what is generated was tested with ^7.0.0']);
});

test.each(['workspace:*', 'catalog:', 'latest', 'github:a/b', 'file:../x', '*'])('%s is the affair of the user', (version) => {
  expect(merge({ devDependencies: { nx: version } }, { nx: '^24.0.0' }).notes).toEqual([]);
});

test('a package.json that is no JSON is refused', () => {
  expect(() => mergeDependencies('{', { devDependencies: { a: '1' } })).toThrow(/^package\.json is not valid JSON/);
  expect(() => mergeDependencies('[]', { devDependencies: { a: '1' } })).toThrow(/^package\.json holds no JSON object/);
});

test('among sorted dependencies each goes where it belongs, and every other byte stays', () => {
  const text = '{\n  "devDependencies": {\n    "b": "^1.0.0",\n    "m": "^1.0.0"\n  }\n}\n';
  const { text: merged } = mergeDependencies(text, { devDependencies: { z: '^1.0.0', a: '^1.0.0', c: '^2.0.0', d: '^2.0.0' } });
  expect(merged).toBe(
    '{\n  "devDependencies": {\n    "a": "^1.0.0",\n    "b": "^1.0.0",\n    "c": "^2.0.0",\n    "d": "^2.0.0",\n    "m": "^1.0.0",\n    "z": "^1.0.0"\n  }\n}\n',
  );
});

test('among dependencies in another order they are added at the end', () => {
  const text = '{\n  "devDependencies": {\n    "m": "^1.0.0",\n    "b": "^1.0.0"\n  }\n}\n';
  expect(mergeDependencies(text, { devDependencies: { a: '^1.0.0' } }).text).toBe(
    '{\n  "devDependencies": {\n    "m": "^1.0.0",\n    "b": "^1.0.0",\n    "a": "^1.0.0"\n  }\n}\n',
  );
});

describe('with the versions of an earlier run', () => {
  const previous = new Map([['tsx', '^4.0.0']]);
  const again = (manifest: object) => mergeDependencies(JSON.stringify(manifest), { devDependencies: { tsx: '^4.9.0' } }, { previous });

  test('a version that still stands as it was written follows ours, in its field', () => {
    expect(JSON.parse(again({ devDependencies: { tsx: '^4.0.0', x: '1' } }).text)).toEqual({ devDependencies: { tsx: '^4.9.0', x: '1' } });
    expect(JSON.parse(again({ dependencies: { tsx: '^4.0.0' } }).text)).toEqual({ dependencies: { tsx: '^4.9.0' } });
  });

  test('a version that the user changed stays', () => {
    expect(JSON.parse(again({ devDependencies: { tsx: '4.0.1' } }).text)).toEqual({ devDependencies: { tsx: '4.0.1' } });
  });

  test('a package that the user took out stays out', () => {
    expect(JSON.parse(again({ name: 'x' }).text)).toEqual({ name: 'x' });
  });
});
