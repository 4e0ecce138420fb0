// The extension: starts `syncline lsp` and shows what it says.
//
// Everything that knows the language is in the server; here is only what an editor needs to start it.

'use strict';

const vscode = require('vscode');
const { LanguageClient } = require('vscode-languageclient/node');

let client;

/** The program and the settings that the server is started with. */
function settings() {
  const own = vscode.workspace.getConfiguration('syncline');
  return { path: own.get('path') || 'syncline', environment: own.get('environment') || '' };
}

async function start() {
  const { path, environment } = settings();
  const server = { command: path, args: ['lsp'] };
  const options = {
    documentSelector: [{ scheme: 'file', language: 'syncline' }],
    initializationOptions: { environment },
    synchronize: {
      configurationSection: 'syncline',
      fileEvents: vscode.workspace.createFileSystemWatcher('**/*.sync'),
    },
  };
  client = new LanguageClient('syncline', 'Syncline', server, options);
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    const choice = await vscode.window.showErrorMessage(
      `\`${path} lsp\` could not be started: ${error.message || error}`,
      'Open Settings',
    );
    if (choice) {
      await vscode.commands.executeCommand('workbench.action.openSettings', 'syncline.path');
    }
  }
}

async function stop() {
  const old = client;
  client = undefined;
  if (old) {
    await old.stop();
  }
}

async function restart() {
  await stop();
  await start();
}

/** Asks which environment the hints are of. */
async function chooseEnvironment() {
  const current = settings().environment;
  const environment = await vscode.window.showInputBox({
    title: 'The environment whose values the hints show',
    placeHolder: 'prod',
    value: current,
  });
  if (environment !== undefined) {
    const own = vscode.workspace.getConfiguration('syncline');
    await own.update('environment', environment, vscode.ConfigurationTarget.Workspace);
  }
}

async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand('syncline.restart', restart),
    vscode.commands.registerCommand('syncline.chooseEnvironment', chooseEnvironment),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration('syncline.path')) {
        await restart();
      }
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
