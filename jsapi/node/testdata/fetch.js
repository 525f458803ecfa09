'use strict';
// fetch, Request, Response and Headers over a local server.
const http = require('http');

(async () => {
  const server = http.createServer((req, res) => {
    if (req.url === '/json') {
      res.setHeader('Content-Type', 'application/json');
      res.end('{"a":[1,2]}');
    } else if (req.url === '/echo') {
      res.writeHead(201, { 'x-type': req.headers['content-type'], 'set-cookie': ['a=1', 'b=2'] });
      req.pipe(res);
    } else if (req.url === '/to') {
      res.writeHead(302, { location: '/json' });
      res.end();
    } else if (req.url === '/never') {
      req.on('close', () => {});
    } else {
      res.writeHead(404, 'Nothing');
      res.end('nothing here');
    }
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const base = `http://127.0.0.1:${server.address().port}`;

  const json = await fetch(`${base}/json`);
  console.log(json.status, json.ok, json.headers.get('content-type'), await json.json(), json.bodyUsed, json.url === `${base}/json`);
  await json.text().catch((e) => console.log(e.name));
  const echo = await fetch(`${base}/echo`, { method: 'post', body: new URLSearchParams({ q: 'a b' }) });
  console.log(echo.status, echo.headers.get('x-type'), echo.headers.getSetCookie(), await echo.text());
  const missing = await fetch(new URL(`${base}/x`));
  console.log(missing.status, missing.ok, missing.statusText, Buffer.from(await missing.arrayBuffer()).toString());
  const moved = await fetch(`${base}/to`);
  console.log(moved.redirected, moved.url === `${base}/json`, (await moved.json()).a);
  console.log((await fetch(`${base}/to`, { redirect: 'manual' })).status);
  await fetch(`${base}/to`, { redirect: 'error' }).catch((e) => console.log(e.name, e.message));
  const control = new AbortController();
  setTimeout(() => control.abort(), 20);
  await fetch(`${base}/never`, { signal: control.signal }).catch((e) => console.log(e.name));
  await fetch('http://127.0.0.1:1').catch((e) => console.log(e.name, e.message, e.cause instanceof Error));
  for (const bad of [() => fetch('no url'), () => fetch('data:x', { method: 'A B' }), () => fetch(base, { body: 'x' })]) await bad().catch((e) => console.log(e.name));

  const headers = new Headers({ B: '2', a: '1' });
  headers.append('b', '3');
  console.log([...headers], headers.get('B'), headers.has('c'), headers.get('c'));
  try { headers.set('a b', 'x'); } catch (e) { console.log(e.name); }
  console.log(await new Response('text', { status: 201 }).text(), await Response.json({ x: 1 }).json(), new Request(base, { method: 'PUT', body: 'x' }).method);
  server.closeAllConnections();
  server.close();
})();
