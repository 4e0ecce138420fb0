// The TextMate grammar, on lines and on every example.

'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const oniguruma = require('vscode-oniguruma');
const textmate = require('vscode-textmate');

const folder = path.join(__dirname, '..');

async function load() {
  const wasm = fs.readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm'));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => {
      const file = path.join(folder, 'syntaxes', 'syncline.tmLanguage.json');
      return textmate.parseRawGrammar(fs.readFileSync(file, 'utf8'), file);
    },
  });
  return registry.loadGrammar('source.syncline');
}

const loaded = load();

/** Returns the innermost scope of each piece of a text that is not blank. */
async function scopes(text) {
  const grammar = await loaded;
  let stack = textmate.INITIAL;
  const found = [];
  for (const line of text.split('\n')) {
    const result = grammar.tokenizeLine(line, stack);
    stack = result.ruleStack;
    for (const token of result.tokens) {
      const piece = line.slice(token.startIndex, token.endIndex).trim();
      if (piece) {
        found.push([piece, token.scopes[token.scopes.length - 1]]);
      }
    }
  }
  return { found, depth: stack.depth };
}

async function has(text, piece, scope) {
  const { found } = await scopes(text);
  const own = found.filter(([word]) => word === piece).map(([, name]) => name);
  assert.ok(own.includes(`${scope}.syncline`), `${piece}: ${JSON.stringify(found)}`);
}

test('declarations have their colours', async () => {
  await has('abstract environment base {', 'base', 'entity.name.class');
  await has('component Web {', 'component', 'keyword.declaration');
  await has('  secret param key: string', 'secret', 'storage.modifier');
  await has('  resource aws.s3_bucket assets {', 'aws.s3_bucket', 'entity.name.type.resource');
  await has('  @protect', 'protect', 'storage.modifier.annotation');
  await has('type Tier = "free"', 'Tier', 'entity.name.type');
});

test('keywords are attributes inside of bodies', async () => {
  await has('    type = "x"', 'type', 'variable.other.property');
  await has('    data = 1', 'data', 'variable.other.property');
  await has('    if = 1', 'if', 'variable.other.property');
});

test('strings hold expressions', async () => {
  await has('a = time::rfc3339_parse(b)', 'time', 'entity.name.namespace');
  await has('a = time::rfc3339_parse(b)', 'rfc3339_parse', 'entity.name.function.call');
  await has('a = "x ${upper({ k = "}" })} y"', 'upper', 'entity.name.function.call');
  const { found } = await scopes('a = "x ${b} y"\nlet c = 1');
  assert.deepStrictEqual(found.at(-1), ['1', 'constant.numeric.syncline']);
  await has('a = """\n  ${b}\n  text\n"""\nlet c = 30s', '30s', 'constant.numeric');
});

function sources(root) {
  return fs.readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sync'))
    .map((entry) => path.join(entry.parentPath || entry.path, entry.name));
}

test('every example ends where it began', async () => {
  const files = sources(path.join(folder, '..', '..', 'examples'));
  assert.ok(files.length > 3);
  for (const file of files) {
    const { depth } = await scopes(fs.readFileSync(file, 'utf8'));
    assert.strictEqual(depth, 1, `${file}: something is open at the end`);
  }
});
