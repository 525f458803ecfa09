// Walks the links of a site that it serves itself, at most two requests at once:  sc run crawler.js
// Prints each page with its depth, sorted: 0 /, 1 /a, 1 /b, 2 /c
const http = require('http');
const url = require('url');

const PAGES = { '/': ['/a', '/b'], '/a': ['/', '/c'], '/b': ['/c'], '/c': ['/'] };
const server = http.createServer((req, res) => {
  const links = PAGES[url.parse(req.url).pathname];
  res.writeHead(links ? 200 : 404, { 'Content-Type': 'text/html' });
  res.end((links || []).map((to) => `<a href="${to}">${to}</a>`).join('\n'));
});

server.listen(0, '127.0.0.1', () => {
  const base = `http://127.0.0.1:${server.address().port}`;
  const depth = new Map([['/', 0]]);
  const queue = ['/'];
  let running = 0;
  const step = () => {
    if (queue.length === 0 && running === 0) {
      console.log([...depth].sort().map(([page, n]) => `${n} ${page}`).join(', '));
      server.close();
      return;
    }
    while (queue.length > 0 && running < 2) {
      const page = queue.shift();
      running += 1;
      http.get({ ...url.parse(url.resolve(base, page)), agent: false }, (res) => {
        let text = '';
        res.on('data', (chunk) => { text += chunk; });
        res.on('end', () => {
          for (const [, to] of text.matchAll(/href="([^"]+)"/g)) {
            if (!depth.has(to) || depth.get(to) > depth.get(page) + 1) {
              if (!depth.has(to)) queue.push(to);
              depth.set(to, depth.get(page) + 1);
            }
          }
          running -= 1;
          step();
        });
      });
    }
  };
  step();
});
