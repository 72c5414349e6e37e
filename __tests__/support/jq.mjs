// Prints what a filter of jq makes of a file of JSON, strings without quotes: `node jq.mjs .commit file.json`.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { raw } from 'jq-wasm';

const [filter, file] = process.argv.slice(2);
const text = await raw(JSON.parse(readFileSync(file, 'utf8')), filter, ['-r']);
process.stdout.write(text === '' ? '' : `${text}\n`);
