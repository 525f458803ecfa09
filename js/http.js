/** The module "http". */
const { METHODS, STATUS_CODES } = require('http_tables');
const { MAX_HEADER } = require('http_parser');
const { validateHeaderName, validateHeaderValue } = require('http_headers');
const { Server } = require('http_server');
const ClientRequest = require('http_client');
const agents = require('http_agent');

function request(url, options, callback) { return new ClientRequest(url, options, callback); }

function get(url, options, callback) {
  const req = request(url, options, callback);
  req.end();
  return req;
}

let agent = agents.globalAgent;

module.exports = {
  _connectionListener(socket) { new (require('http_connection').Connection)(this, socket); },
  METHODS: [...METHODS].sort(),
  STATUS_CODES,
  Agent: agents.Agent,
  ClientRequest,
  IncomingMessage: require('http_incoming'),
  OutgoingMessage: require('http_outgoing'),
  Server,
  ServerResponse: require('http_response'),
  createServer: (options, listener) => new Server(options, listener),
  validateHeaderName,
  validateHeaderValue,
  get,
  request,
  maxHeaderSize: MAX_HEADER,
  setMaxIdleHTTPParsers(max) { require('validators').validateInteger(max, 'max', 1); },
  get globalAgent() { return agent; },
  set globalAgent(value) {
    agent = value;
    agents.globalAgent = value;
  },
};
