// readline on a terminal: what keys are called, what they do to the line, history, completion, cursor.
'use strict';
const readline = require('readline');
const { PassThrough } = require('stream');
const show = (label, fn) => {
  try {
    console.log(label, fn());
  } catch (err) {
    console.log(label, 'throws', err.name, err.code, err.message);
  }
};
const keys = new PassThrough();
readline.emitKeypressEvents(keys);
keys.on('keypress', (text, key) => console.log(JSON.stringify(text), JSON.stringify(key)));
for (const text of ['a', 'A', '1', ' ', '\r', '\n', '\t', '\x7f', '\b', '\x01', '\x1a', 'é', '😀', '日本', '\x1b[A', '\x1b[1;5C', '\x1b[3~', '\x1b[3;2~', '\x1bOP',
  '\x1b[15~', '\x1b[Z', '\x1b[a', '\x1bOa', '\x1b[5^', '\x1b[2$', '\x1bb', '\x1bB', '\x1b\x7f', '\x1b\x1b[D', '\x1b[200~', 'ab\x1b[Bc', '\x1b[99~', '!']) keys.write(text);
const pieces = new PassThrough();
readline.emitKeypressEvents(pieces);
const seen = [];
pieces.on('keypress', (text, key) => seen.push(key.name));
for (const text of ['\x1b', '[', '1;', '5D', 'x']) pieces.write(text);
const input = new PassThrough();
const output = new PassThrough();
let written = '';
output.on('data', (chunk) => { written += chunk; });
const lines = [];
const rl = readline.createInterface({ input, output, terminal: true, prompt: '$ ', completer: (line) => [['help', 'hello'].filter((word) => word.startsWith(line)), line], historySize: 3 });
rl.on('line', (line) => lines.push(line)).on('history', (history) => lines.push(history.slice()));
rl.prompt();
const type = (text) => { input.write(text); return [rl.line, rl.cursor]; };
setImmediate(() => {
  console.log(seen);
  show('written', () => type('hello world'));
  show('left', () => type('\x1b[D\x1b[D'));
  show('inserted', () => type('X'));
  show('begin', () => type('\x01'));
  show('delete', () => type('\x1b[3~'));
  show('end', () => type('\x05'));
  show('backspace', () => type('\x7f'));
  show('word', () => type('\x17'));
  show('word left', () => type('\x1bb'));
  show('word right', () => type('\x1bf'));
  show('undone', () => type('\x15'));
  show('wide', () => type('日本😀'));
  show('over it', () => type('\x1b[D\x1b[D'));
  show('place', () => rl.getCursorPos());
  show('rest', () => type('\x0b'));
  show('entered', () => type('\r'));
  type('second\r');
  type('third\rthird\rfourth\r');
  show('up', () => [type('\x1b[A'), type('\x1b[A'), type('\x1b[A'), type('\x1b[A')].map(([line]) => line));
  show('down', () => [type('\x1b[B'), type('\x1b[B'), type('\x1b[B')].map(([line]) => line));
  show('by key', () => { rl.write('typed'); rl.write(null, { ctrl: true, name: 'a' }); return [rl.line, rl.cursor]; });
  show('many', () => { rl.write(null, { ctrl: true, name: 'k' }); rl.write('one\ntwo\nthr'); return rl.line; });
  show('lines', () => lines);
  rl.on('SIGINT', () => console.log('interrupted'));
  type('\x03');
  rl.on('close', () => console.log('closed'));
  show('not ended', () => type('\x04'));
  type('\x15\x04');
  show('written', () => written.includes('$ ') && written.includes('second\r\n'));
  for (const options of [{ historySize: -1 }, { completer: 5 }, { tabSize: 0 }, { history: 'x' }]) {
    show(JSON.stringify(options), () => readline.createInterface({ input: new PassThrough(), ...options }));
  }
});
