// A file goes through fs, zlib and http into a file again, a piece at a time. SC_LONG=1 takes 1 GiB in the place of 8 MiB;
// memory stays within 256 MiB above what it was.
'use strict';
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');
const zlib = require('zlib');
const { pipeline } = require('stream');

const megabytes = process.env.SC_LONG ? 1024 : 8;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'through-'));
const [from, to] = [path.join(folder, 'from'), path.join(folder, 'to')];
const block = Buffer.alloc(1 << 20);
for (let i = 0; i < block.length; i += 64) block.writeUInt32LE((i * 2654435761) >>> 0, i);
const fd = fs.openSync(from, 'w');
for (let i = 0; i < megabytes; i += 1) fs.writeSync(fd, block);
fs.closeSync(fd);

const before = process.memoryUsage().rss;
let most = before;
const looking = setInterval(() => { most = Math.max(most, process.memoryUsage().rss); }, 100);
const server = http.createServer((req, res) => {
  pipeline(fs.createReadStream(from), zlib.createGzip({ level: 1 }), res, (err) => { if (err) console.log(err); });
});
server.listen(0, '127.0.0.1', () => {
  http.get({ port: server.address().port, host: '127.0.0.1', agent: false }, (res) => {
    pipeline(res, zlib.createGunzip(), fs.createWriteStream(to), (err) => {
      clearInterval(looking);
      const piece = Buffer.alloc(1 << 20);
      const out = fs.openSync(to, 'r');
      let wrong = 0;
      for (let i = 0; i < megabytes; i += 1) {
        fs.readSync(out, piece, 0, piece.length);
        if (!piece.equals(block)) wrong += 1;
      }
      fs.closeSync(out);
      console.log(err, fs.statSync(to).size === megabytes * (1 << 20), wrong === 0, most - before < 256 << 20);
      fs.rmSync(folder, { recursive: true });
      server.close();
    });
  });
});
