/** The module "https": http over tls. */
const { Server } = require('https_server');
const agents = require('https_agent');
const ClientRequest = require('http_client');

function request(...args) {
  let options = {};
  if (typeof args[0] === 'string') options = require('url').urlToHttpOptions(new URL(args.shift()));
  else if (args[0] && typeof args[0].href === 'string' && typeof args[0].searchParams === 'object') options = require('url').urlToHttpOptions(args.shift());
  if (args[0] && typeof args[0] !== 'function') Object.assign(options, args.shift());
  options._defaultAgent = agents.globalAgent;
  return new ClientRequest(options, ...args);
}

function get(...args) {
  const req = request(...args);
  req.end();
  return req;
}

module.exports = {
  Agent: agents.Agent,
  Server,
  createServer: (options, listener) => new Server(options, listener),
  get,
  request,
  get globalAgent() { return agents.globalAgent; },
  set globalAgent(value) { agents.globalAgent = value; },
};
