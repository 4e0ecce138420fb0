// The extension without an editor: what it registers, starts and says.

'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const test = require('node:test');

const folder = path.join(__dirname, '..');
const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));

/** Loads the extension with an editor and a client that only remember. */
function load({ fails = false, values = {} } = {}) {
  const seen = { commands: {}, clients: [], errors: [], stopped: 0 };
  const vscode = {
    workspace: {
      getConfiguration: () => ({ get: (name) => values[name] }),
      createFileSystemWatcher: (glob) => ({ glob }),
      onDidChangeConfiguration: (listener) => {
        seen.changed = listener;
        return { dispose() {} };
      },
    },
    window: { showErrorMessage: async (text) => void seen.errors.push(text) },
    commands: {
      registerCommand: (name, run) => {
        seen.commands[name] = run;
        return { dispose() {} };
      },
    },
  };
  class LanguageClient {
    constructor(id, name, server, options) {
      seen.clients.push({ id, server, options });
    }

    async start() {
      if (fails) {
        throw new Error('not found');
      }
    }

    async stop() {
      seen.stopped += 1;
    }
  }
  const original = Module._load;
  Module._load = (name, ...rest) => {
    if (name === 'vscode') return vscode;
    if (name === 'vscode-languageclient/node') return { LanguageClient };
    return original(name, ...rest);
  };
  const file = require.resolve('../src/extension.js');
  delete require.cache[file];
  const extension = require(file);
  Module._load = original;
  return { extension, seen };
}

test('it starts the server with the settings', async () => {
  const { extension, seen } = load({ values: { path: '/opt/syncline', environment: 'prod' } });
  await extension.activate({ subscriptions: [] });
  assert.deepStrictEqual(seen.clients[0].server, { command: '/opt/syncline', args: ['lsp'] });
  assert.deepStrictEqual(seen.clients[0].options.initializationOptions, { environment: 'prod' });
  await extension.deactivate();
  assert.strictEqual(seen.stopped, 1);
});

test('every command of the manifest is registered', async () => {
  const { extension, seen } = load();
  await extension.activate({ subscriptions: [] });
  const declared = manifest.contributes.commands.map((own) => own.command).sort();
  assert.deepStrictEqual(Object.keys(seen.commands).sort(), declared);
});

test('a changed path starts the server anew', async () => {
  const { extension, seen } = load();
  await extension.activate({ subscriptions: [] });
  await seen.changed({ affectsConfiguration: (name) => name === 'syncline.path' });
  assert.strictEqual(seen.clients.length, 2);
  assert.strictEqual(seen.stopped, 1);
});

test('a server that does not start is told of', async () => {
  const { extension, seen } = load({ fails: true });
  await extension.activate({ subscriptions: [] });
  assert.deepStrictEqual(seen.errors, ['`syncline lsp` could not be started: not found']);
});

test('what the manifest names is there', () => {
  const { languages, grammars } = manifest.contributes;
  for (const file of [manifest.main, languages[0].configuration, grammars[0].path]) {
    assert.ok(fs.existsSync(path.join(folder, file)), file);
  }
});
