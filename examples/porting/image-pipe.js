// Images through spawned filters by pipes, and one thread for each image:  sc run image-pipe.js
// Prints: image 1: ff7f00 in 3 bytes; image 2: f0e0d0c0 in 4 bytes; filter without input: code 3, no image
const { spawn } = require('child_process');
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');

/** Pipes bytes through a child that inverts them, as one would through a converter of images. */
function invert(bytes) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [__filename, 'filter'], { stdio: ['pipe', 'pipe', 'pipe'] });
    const out = [];
    let complaint = '';
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (text) => { complaint += text; });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out));
      else reject(new Error(`code ${code}, ${complaint.trim()}`));
    });
    child.stdin.end(bytes);
  });
}

function filter() {
  let any = false;
  process.stdin.on('data', (chunk) => {
    any = true;
    process.stdout.write(chunk.map((byte) => 255 - byte));
  });
  process.stdin.on('end', () => {
    if (any) return;
    process.stderr.write('no image\n');
    process.exitCode = 3;
  });
}

if (process.argv[2] === 'filter') {
  filter();
} else if (isMainThread) {
  const images = [[0x00, 0x80, 0xff], [0x0f, 0x1f, 0x2f, 0x3f]];
  const done = images.map((pixels, i) => new Promise((resolve, reject) => {
    const worker = new Worker(__filename, { workerData: Buffer.from(pixels) });
    worker.on('message', (bytes) => resolve(`image ${i + 1}: ${Buffer.from(bytes).toString('hex')} in ${bytes.length} bytes`));
    worker.on('error', reject);
  }));
  Promise.all(done).then(async (lines) => {
    const failed = await invert(Buffer.alloc(0)).catch((err) => err.message);
    console.log(`${lines.join('; ')}; filter without input: ${failed}`);
  });
} else {
  invert(workerData).then((bytes) => parentPort.postMessage(bytes));
}
