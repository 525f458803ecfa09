/** url.resolve: a relative URL against a base, both parsed by url_legacy. */

const FIELDS = ['protocol', 'slashes', 'auth', 'host', 'port', 'hostname', 'hash', 'search', 'query', 'pathname', 'path', 'href'];

/** Sets path and href from the parts. */
function finish(result) {
  result.path = result.pathname !== null || result.search !== null ? (result.pathname || '') + (result.search || '') : result.path;
  result.href = result.format();
  return result;
}

/** A relative URL that names a protocol of its own. */
function otherProtocol(result, relative, slashed) {
  if (!slashed.has(relative.protocol)) {
    for (const key of Object.keys(relative)) result[key] = relative[key];
    result.href = result.format();
    return result;
  }
  result.protocol = relative.protocol;
  if (!relative.host && !/^file:?$/.test(relative.protocol) && relative.protocol !== 'javascript:') {
    const parts = (relative.pathname || '').split('/');
    while (parts.length > 0 && !(relative.host = parts.shift()));
    relative.host = relative.host || '';
    relative.hostname = relative.hostname || '';
    if (parts[0] !== '') parts.unshift('');
    if (parts.length < 2) parts.unshift('');
    result.pathname = parts.join('/');
  } else {
    result.pathname = relative.pathname;
  }
  result.search = relative.search;
  result.query = relative.query;
  result.host = relative.host || '';
  result.auth = relative.auth;
  result.hostname = relative.hostname || relative.host;
  result.port = relative.port;
  if (result.pathname || result.search) result.path = (result.pathname || '') + (result.search || '');
  result.slashes = result.slashes || relative.slashes;
  result.href = result.format();
  return result;
}

/** Takes "." and ".." out of parts; returns how many ".." lead above the start. */
function reduce(parts) {
  let up = 0;
  for (let i = parts.length - 1; i >= 0; i--) {
    if (parts[i] === '.') parts.splice(i, 1);
    else if (parts[i] === '..') {
      parts.splice(i, 1);
      up += 1;
    } else if (up > 0) {
      parts.splice(i, 1);
      up -= 1;
    }
  }
  return up;
}

/** A name before "@" in a host is that of the user. */
function splitAuth(result) {
  const at = result.host && result.host.indexOf('@') > 0 ? result.host.split('@') : null;
  if (!at) return;
  result.auth = at.shift();
  result.host = at.shift();
  result.hostname = result.host;
}

function resolve(base, relative, Url, slashed) {
  const result = new Url();
  for (const field of FIELDS) result[field] = base[field];
  result.hash = relative.hash;
  if (relative.href === '') {
    result.href = result.format();
    return result;
  }
  if (relative.slashes && !relative.protocol) {
    for (const key of Object.keys(relative)) if (key !== 'protocol') result[key] = relative[key];
    if (slashed.has(result.protocol) && result.hostname && !result.pathname) {
      result.pathname = '/';
      result.path = '/';
    }
    result.href = result.format();
    return result;
  }
  if (relative.protocol && relative.protocol !== result.protocol) return otherProtocol(result, relative, slashed);
  return merge(result, relative, slashed);
}

/** Both of one protocol: the paths are joined. */
function merge(result, relative, slashed) {
  const baseAbsolute = Boolean(result.pathname && result.pathname[0] === '/');
  const relativeAbsolute = Boolean(relative.host || (relative.pathname && relative.pathname[0] === '/'));
  const noSlashes = Boolean(result.protocol) && !slashed.has(result.protocol);
  let absolute = relativeAbsolute || baseAbsolute || Boolean(result.host && relative.pathname);
  const keepRoot = absolute;
  let parts = (result.pathname && result.pathname.split('/')) || [];
  const given = (relative.pathname && relative.pathname.split('/')) || [];
  if (noSlashes) {
    result.hostname = '';
    result.port = null;
    if (result.host) {
      if (parts[0] === '') parts[0] = result.host;
      else parts.unshift(result.host);
    }
    result.host = '';
    if (relative.protocol) {
      relative.hostname = null;
      relative.port = null;
      result.auth = null;
      if (relative.host) {
        if (given[0] === '') given[0] = relative.host;
        else given.unshift(relative.host);
      }
      relative.host = null;
    }
    absolute = absolute && (given[0] === '' || parts[0] === '');
  }
  if (relativeAbsolute) {
    if (relative.host || relative.host === '') {
      if (result.host !== relative.host) result.auth = null;
      result.host = relative.host;
      result.port = relative.port;
    }
    if (relative.hostname || relative.hostname === '') {
      if (result.hostname !== relative.hostname) result.auth = null;
      result.hostname = relative.hostname;
    }
    result.search = relative.search;
    result.query = relative.query;
    parts = given;
  } else if (given.length > 0) {
    parts.pop();
    parts = parts.concat(given);
    result.search = relative.search;
    result.query = relative.query;
  } else if (relative.search !== null && relative.search !== undefined) {
    if (noSlashes) {
      result.hostname = result.host = parts.shift();
      splitAuth(result);
    }
    result.search = relative.search;
    result.query = relative.query;
    return finish(result);
  }
  return join(result, relative, parts, { absolute, keepRoot, noSlashes });
}

function join(result, relative, parts, { absolute, keepRoot, noSlashes }) {
  if (parts.length === 0) {
    result.pathname = null;
    result.path = result.search ? `/${result.search}` : null;
    result.href = result.format();
    return result;
  }
  let last = parts[parts.length - 1];
  const trailing = ((result.host || relative.host || parts.length > 1) && (last === '.' || last === '..')) || last === '';
  const up = reduce(parts);
  if (!keepRoot && !absolute) for (let i = 0; i < up; i++) parts.unshift('..');
  if (absolute && parts[0] !== '' && (!parts[0] || parts[0][0] !== '/')) parts.unshift('');
  last = parts.join('/');
  if (trailing && !last.endsWith('/')) parts.push('');
  let rooted = parts[0] === '' || (parts[0] && parts[0][0] === '/');
  if (noSlashes) {
    result.hostname = result.host = rooted ? '' : parts.length ? parts.shift() : '';
    splitAuth(result);
  }
  rooted = rooted || (result.host && parts.length);
  if (absolute && !rooted) parts.unshift('');
  else if (rooted && parts[0] !== '' && !(parts[0] && parts[0][0] === '/')) parts.unshift('');
  if (parts.length > 0) result.pathname = parts.join('/');
  else {
    result.pathname = null;
    result.path = null;
  }
  if (result.pathname !== null || result.search !== null) result.path = (result.pathname || '') + (result.search || '');
  result.auth = relative.auth || result.auth;
  result.slashes = result.slashes || relative.slashes;
  result.href = result.format();
  return result;
}

module.exports = { resolve };
