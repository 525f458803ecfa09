/** User, host and port of url.parse. */
const { codes } = require('errors');

const FORBIDDEN = /[\0\t\n\r #%/:<>?@[\\\]^|]/;
const FORBIDDEN_V6 = /[\0\t\n\r #%/<>?@\\^|]/;

/** Where the host ends and where its name of the user ends. */
function hostBounds(rest) {
  let end = -1;
  let at = -1;
  let stop = -1;
  for (let i = 0; i < rest.length; i++) {
    const char = rest[i];
    if ('\t\n\r "%\';<>\\^`{|}'.includes(char)) {
      if (stop === -1) stop = i;
    } else if ('#/?'.includes(char)) {
      if (stop === -1) stop = i;
      end = i;
      break;
    } else if (char === '@') {
      at = i;
      stop = -1;
    }
  }
  return { at, stop: stop === -1 ? rest.length : stop, end };
}

/** Takes user, host and port off rest. */
function parseHost(url, rest, input) {
  const { at, stop } = hostBounds(rest);
  let start = 0;
  if (at !== -1) {
    url.auth = decodeURIComponent(rest.slice(0, at));
    start = at + 1;
  }
  let host = rest.slice(start, stop);
  let left = rest.slice(stop);
  const port = /:[0-9]*$/.exec(host);
  if (port) {
    if (port[0] !== ':') url.port = port[0].slice(1);
    host = host.slice(0, -port[0].length);
  }
  const v6 = host.startsWith('[') && host.endsWith(']');
  if (host.length > 255) host = '';
  else host = host.toLowerCase();
  const colon = v6 ? -1 : host.indexOf(':');
  if (colon !== -1) {
    left = `/${host.slice(colon)}${left}`;
    host = host.slice(0, colon);
  }
  if (host !== '' && !v6) {
    if (/[^\0-\x7f]/.test(host)) host = require('url').domainToASCII(host);
    if (host === '' || FORBIDDEN.test(host)) throw invalid(input);
  } else if (v6 && FORBIDDEN_V6.test(host)) throw invalid(input);
  url.hostname = host;
  url.host = host + (url.port ? `:${url.port}` : '');
  if (v6) {
    url.hostname = host.slice(1, -1);
    if (left[0] !== '/') left = `/${left}`;
  }
  return left;
}

function invalid(input) {
  const err = new codes.ERR_INVALID_URL();
  err.input = input;
  return err;
}

module.exports = { parseHost };
