/**
 * The parser of the URL Standard (https://url.spec.whatwg.org/#url-parsing). A record is {scheme, username, password,
 * host, port, path, query, fragment}: host null for none, path a string for an opaque one, else an array.
 */
const { parseHost } = require('url_host');
const { PORTS, isSpecial, isDrive, shorten, parsePath, parseHostPort, setPort } = require('url_parts');
const { encode, C0, FRAGMENT, QUERY, SPECIAL_QUERY, USERINFO } = require('url_encode');

const startsWithDrive = (text) => /^[a-zA-Z][:|]([/\\?#]|$)/.test(text);

const newRecord = (scheme) => ({
  scheme, username: '', password: '', host: null, port: null, path: [], query: null, fragment: null,
});

/** Takes user, host and port off text and goes on with the path. */
function parseAuthority(url, text) {
  const end = text.search(isSpecial(url) ? /[/\\]/ : /\//);
  const authority = end < 0 ? text : text.slice(0, end);
  const at = authority.lastIndexOf('@');
  if (at >= 0) {
    const user = authority.slice(0, at);
    const colon = user.indexOf(':');
    url.username = encode(colon < 0 ? user : user.slice(0, colon), USERINFO);
    if (colon >= 0) url.password = encode(user.slice(colon + 1), USERINFO);
    if (at === authority.length - 1) return false;
  }
  if (!parseHostPort(url, authority.slice(at + 1))) return false;
  parsePath(url, end < 0 ? '' : text.slice(end));
  return true;
}

function parseFile(url, text, base, query) {
  url.host = '';
  const below = base && base.scheme === 'file' ? base : null;
  if (/^[/\\]{2}/.test(text)) {
    const rest = text.slice(2);
    const end = rest.search(/[/\\]/);
    const name = end < 0 ? rest : rest.slice(0, end);
    if (isDrive(name)) {
      parsePath(url, rest);
      return true;
    }
    if (name !== '') {
      url.host = parseHost(name, true);
      if (url.host === null) return false;
      if (url.host === 'localhost') url.host = '';
    }
    parsePath(url, end < 0 ? '' : rest.slice(end));
    return true;
  }
  if (/^[/\\]/.test(text)) {
    if (below) {
      url.host = below.host;
      if (!startsWithDrive(text.slice(1)) && /^[a-zA-Z]:$/.test(below.path[0] || '')) url.path.push(below.path[0]);
    }
    parsePath(url, text);
    return true;
  }
  if (below) {
    url.host = below.host;
    return relativePath(url, text, below, query, startsWithDrive(text));
  }
  parsePath(url, text);
  return true;
}

/** Goes on from the path of base. */
function relativePath(url, text, base, query, fresh = false) {
  url.path = [...base.path];
  if (text === '') {
    if (query === null) url.query = base.query;
    return true;
  }
  if (fresh) url.path = [];
  else shorten(url);
  parsePath(url, text);
  return true;
}

function parseRelative(url, text, base, query) {
  const slash = isSpecial(url) ? /^[/\\]/ : /^\//;
  if (slash.test(text)) {
    if (slash.test(text.slice(1))) return parseAuthority(url, isSpecial(url) ? text.replace(/^[/\\]+/, '') : text.slice(2));
    Object.assign(url, { username: base.username, password: base.password, host: base.host, port: base.port });
    parsePath(url, text);
    return true;
  }
  Object.assign(url, { username: base.username, password: base.password, host: base.host, port: base.port });
  return relativePath(url, text, base, query);
}

/** What follows the scheme. */
function parseAfterScheme(url, text, base, query) {
  if (url.scheme === 'file') return parseFile(url, text, base, query);
  if (isSpecial(url)) {
    if (base && base.scheme === url.scheme && !text.startsWith('//')) return parseRelative(url, text, base, query);
    return parseAuthority(url, text.replace(/^[/\\]+/, ''));
  }
  if (text.startsWith('//')) return parseAuthority(url, text.slice(2));
  if (text.startsWith('/')) parsePath(url, text);
  else url.path = encode(text, C0);
  return true;
}

/**
 * @param {string} input
 * @param {object|null} base a record
 * @returns {object|null} a record, null if input is no URL
 */
function parse(input, base = null) {
  let text = input.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '').replace(/[\t\n\r]/g, '');
  let fragment = null;
  let query = null;
  const hash = text.indexOf('#');
  if (hash >= 0) {
    fragment = text.slice(hash + 1);
    text = text.slice(0, hash);
  }
  const mark = text.indexOf('?');
  if (mark >= 0) {
    query = text.slice(mark + 1);
    text = text.slice(0, mark);
  }
  const scheme = /^([a-zA-Z][a-zA-Z0-9+\-.]*):/.exec(text);
  let url;
  if (scheme) {
    url = newRecord(scheme[1].toLowerCase());
    if (!parseAfterScheme(url, text.slice(scheme[0].length), base, query)) return null;
  } else {
    if (base === null) return null;
    url = newRecord(base.scheme);
    if (typeof base.path === 'string') {
      if (text !== '' || query !== null || fragment === null) return null;
      Object.assign(url, { path: base.path, query: base.query });
    } else if (!(base.scheme === 'file' ? parseFile(url, text, base, query) : parseRelative(url, text, base, query))) return null;
  }
  if (query !== null) url.query = encode(query, isSpecial(url) ? SPECIAL_QUERY : QUERY);
  if (fragment !== null) url.fragment = encode(fragment, FRAGMENT);
  return url;
}

const pathText = (url) => (typeof url.path === 'string' ? url.path : url.path.map((name) => `/${name}`).join(''));

function serialize(url, withFragment = true) {
  let text = `${url.scheme}:`;
  if (url.host !== null) {
    text += '//';
    if (url.username !== '' || url.password !== '') text += `${url.username}${url.password === '' ? '' : `:${url.password}`}@`;
    text += url.host + (url.port === null ? '' : `:${url.port}`);
  } else if (typeof url.path !== 'string' && url.path.length > 1 && url.path[0] === '') text += '/.';
  text += pathText(url);
  if (url.query !== null) text += `?${url.query}`;
  if (withFragment && url.fragment !== null) text += `#${url.fragment}`;
  return text;
}

module.exports = { parse, serialize, pathText, parsePath, parseHostPort, setPort, isSpecial, PORTS };
