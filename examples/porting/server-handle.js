// A listening server handed to forked children, which answer on its port:  sc run server-handle.js
// Prints: 4 answers, all from children: true, the parent's port: true
const { fork } = require('child_process');
const http = require('http');
const net = require('net');

if (process.send) {
  process.on('message', (what, handle) => {
    if (what === 'stop') return process.exit(0);
    const app = http.createServer((req, res) => res.end(JSON.stringify({ pid: process.pid, port: req.socket.localPort })));
    handle.on('connection', (socket) => app.emit('connection', socket));
    process.send('serving');
  });
} else {
  const server = net.createServer();
  server.listen(0, '127.0.0.1', async () => {
    const { port } = server.address();
    const children = [fork(__filename), fork(__filename)];
    await Promise.all(children.map((child) => new Promise((resolve) => {
      child.once('message', resolve);
      child.send('server', server);
    })));
    server.close(); // of this process; the children have theirs
    const answers = [];
    for (let i = 0; i < 4; i++) {
      answers.push(await new Promise((resolve, reject) => {
        http.get({ host: '127.0.0.1', port, agent: false }, (res) => {
          let text = '';
          res.on('data', (s) => { text += s; }).on('end', () => resolve(JSON.parse(text)));
        }).on('error', reject);
      }));
    }
    const pids = children.map((child) => child.pid);
    const theirs = answers.every((a) => pids.includes(a.pid));
    console.log(`${answers.length} answers, all from children: ${theirs}, the parent's port: ${answers.every((a) => a.port === port)}`);
    children.forEach((child) => child.send('stop'));
  });
}
