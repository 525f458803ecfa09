// A Transform between files that counts words, through gzip and back:  sc run word-stream.js
// Prints: 9 words in 43 bytes
const fs = require('fs');
const os = require('os');
const path = require('path');
const zlib = require('zlib');
const { Transform } = require('stream');

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'words-'));
const file = path.join(dir, 'text.gz');
const text = 'the quick brown fox jumps over the lazy dog';
let words = 0;
let bytes = 0;
const counter = new Transform({
  transform(chunk, encoding, done) {
    bytes += chunk.length;
    words += String(chunk).split(/\s+/).filter(Boolean).length;
    done(null, chunk);
  },
});
const gzip = zlib.createGzip();
gzip.pipe(fs.createWriteStream(file)).on('finish', () => {
  fs.createReadStream(file).pipe(zlib.createGunzip()).pipe(counter).resume().on('end', () => {
    console.log(`${words} words in ${bytes} bytes`);
    fs.rmSync(dir, { recursive: true });
  });
});
gzip.end(text);
