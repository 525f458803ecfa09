// A worker that is driven through a REST API, with options from argv:  sc run rest-worker.js --name w1 --verbose
// Prints: POST /tasks 201 {"id":1} | GET /tasks/1 200 "3f2a" | DELETE /tasks/1 204 | GET /tasks/1 404 {"error":"no task 1"}
const http = require('http');

const argv = { name: 'worker' };
process.argv.slice(2).forEach((arg, i, all) => {
  if (arg.startsWith('--')) argv[arg.slice(2)] = all[i + 1] && !all[i + 1].startsWith('--') ? all[i + 1] : true;
});
const debug = (...args) => argv.verbose && console.error(`${argv.name}:`, ...args);

const tasks = new Map();
const server = http.createServer((req, res) => {
  const answer = (status, body) => {
    debug(req.method, req.url, status);
    res.writeHead(status, { 'Content-Type': 'application/json' });
    res.end(body === undefined ? undefined : JSON.stringify(body));
  };
  const id = Number(req.url.split('/')[2]);
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', () => {
    if (req.method === 'POST' && req.url === '/tasks') {
      const { data } = JSON.parse(Buffer.concat(chunks));
      tasks.set(tasks.size + 1, new Buffer(data, 'base64').toString('hex'));
      return answer(201, { id: tasks.size });
    }
    if (!tasks.has(id)) return answer(404, { error: `no task ${id}` });
    if (req.method === 'GET') return answer(200, tasks.get(id));
    tasks.delete(id);
    answer(204);
  });
});

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const req = http.request({ port: server.address().port, host: '127.0.0.1', method, path, agent: false }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (s) => { text += s; });
      res.on('end', () => resolve(`${method} ${path} ${res.statusCode} ${text}`.trim()));
    });
    req.on('error', reject);
    req.end(body && JSON.stringify(body));
  });
}

server.listen(0, '127.0.0.1', async () => {
  const said = [await call('POST', '/tasks', { data: 'Pyo=' })];
  for (const method of ['GET', 'DELETE', 'GET']) said.push(await call(method, '/tasks/1'));
  console.log(said.join(' | '));
  server.close();
});
