// A second interface on an input goes on in the middle of a character; one that was closed has no prompt any more.
'use strict';
const readline = require('readline');
const { PassThrough } = require('stream');
const half = new PassThrough();
const first = readline.createInterface({ input: half });
first.on('line', (line) => {
  console.log(line);
  first.close();
  readline.createInterface({ input: half }).on('line', (next) => console.log(next));
  half.write(Buffer.from([0x98, 0x83, 10]));
  try {
    first.prompt();
  } catch (err) {
    console.log(err.code);
  }
});
half.write(Buffer.from([97, 10, 0xe2]));
const broken = new PassThrough();
const rl = readline.createInterface({ input: broken });
rl.on('error', (err) => console.log('error', err.message));
broken.destroy(new Error('gone'));
