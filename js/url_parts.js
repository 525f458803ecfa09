/** Paths, hosts and ports of the records of url_parser.js. */
const { parseHost } = require('url_host');
const { encode, PATH } = require('url_encode');

const PORTS = { ftp: 21, file: null, http: 80, https: 443, ws: 80, wss: 443 };
const isSpecial = (url) => Object.prototype.hasOwnProperty.call(PORTS, url.scheme);
const isDrive = (text) => /^[a-zA-Z][:|]$/.test(text);

/** Removes the last name of a path, but no drive letter of a file. */
function shorten(url) {
  if (url.scheme === 'file' && url.path.length === 1 && /^[a-zA-Z]:$/.test(url.path[0])) return;
  url.path.pop();
}

/** Adds the names of text to the path. */
function parsePath(url, text) {
  const special = isSpecial(url);
  const names = (special ? text.replace(/\\/g, '/') : text).split('/');
  if (names.length > 1 && names[0] === '') names.shift();
  else if (text === '') {
    if (special) url.path.push('');
    return;
  }
  names.forEach((name, i) => {
    const last = i === names.length - 1;
    if (/^(\.|%2e){2}$/i.test(name)) {
      shorten(url);
      if (last) url.path.push('');
    } else if (/^(\.|%2e)$/i.test(name)) {
      if (last) url.path.push('');
    } else if (url.scheme === 'file' && url.path.length === 0 && isDrive(name)) {
      url.path.push(`${name[0]}:`);
    } else {
      url.path.push(encode(name, PATH));
    }
  });
}

/** Sets host and port of "host:port"; false if that is none. */
function parseHostPort(url, text) {
  const found = /^(\[[^\]]*\]|[^:[]*)(?::(.*))?$/.exec(text);
  if (!found) return false;
  const [, name, port] = found;
  if (name === '') {
    if (isSpecial(url) || port !== undefined) return false;
    url.host = '';
    return true;
  }
  url.host = parseHost(name, isSpecial(url));
  if (url.host === null) return false;
  return port === undefined || port === '' || setPort(url, port);
}

function setPort(url, text) {
  if (!/^[0-9]+$/.test(text) || Number(text) > 65535) return false;
  url.port = Number(text) === PORTS[url.scheme] ? null : Number(text);
  return true;
}

module.exports = { PORTS, isSpecial, isDrive, shorten, parsePath, parseHostPort, setPort };
