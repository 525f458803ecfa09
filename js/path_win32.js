/** Paths of Windows: drives, UNC shares, slashes of both kinds. */
const { validateString } = require('validators');
const { normalizeParts, baseOf, extensionOf, parseName, formatParts } = require('path_parts');

const isSeparator = (code) => code === 47 || code === 92;
const isLetter = (code) => (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
const cwd = () => (typeof process === 'object' && process.cwd ? process.cwd() : '');

/**
 * The root of a path: device ("C:", "\\server\share"), length in path (separator included) and whether absolute.
 * @returns {{device: string, length: number, absolute: boolean, unc: boolean}}
 */
function rootOf(path) {
  const root = { device: '', length: 0, absolute: false, unc: false };
  if (path.length === 0) return root;
  if (isSeparator(path.charCodeAt(0))) {
    root.absolute = true;
    root.length = 1;
    const share = /^[\\/]{2}([^\\/]+)[\\/]+([^\\/]+)/.exec(path);
    if (share) {
      root.unc = true;
      root.device = `\\\\${share[1]}\\${share[2]}`;
      root.length = share[0].length;
    }
    return root;
  }
  if (isLetter(path.charCodeAt(0)) && path.charCodeAt(1) === 58) {
    root.device = path.slice(0, 2);
    root.length = 2;
    if (path.length > 2 && isSeparator(path.charCodeAt(2))) {
      root.absolute = true;
      root.length = 3;
    }
  }
  return root;
}

/** The working directory of a drive; Windows keeps one for each in the environment. */
function driveDirectory(device) {
  const kept = (typeof process === 'object' && process.env && process.env[`=${device}`]) || cwd();
  const strange = kept === undefined || (kept.slice(0, 2).toLowerCase() !== device.toLowerCase() && kept.charCodeAt(2) === 92);
  return strange ? `${device}\\` : kept;
}

function resolve(...paths) {
  let device = '';
  let tail = '';
  let absolute = false;
  for (let i = paths.length - 1; i >= -1; i--) {
    let path;
    if (i >= 0) {
      path = paths[i];
      validateString(path, `paths[${i}]`);
      if (path.length === 0) continue;
    } else {
      path = device.length === 0 ? cwd() : driveDirectory(device);
    }
    const root = deviceRootOf(path);
    if (root.device.length > 0) {
      if (device.length > 0 && root.device.toLowerCase() !== device.toLowerCase()) continue;
      if (device.length === 0) device = root.device;
    }
    if (absolute) {
      if (device.length > 0) break;
      continue;
    }
    tail = `${path.slice(root.length)}\\${tail}`;
    absolute = root.absolute;
    if (absolute && device.length > 0) break;
  }
  tail = normalizeParts(tail, !absolute, '\\', isSeparator);
  return absolute ? `${device}\\${tail}` : `${device}${tail}` || '.';
}

const RESERVED = /^(?:CON|PRN|AUX|NUL|(?:COM|LPT)[1-9\u00b9\u00b2\u00b3])$/i;

/** Whether what stands before the first colon names a device, which Windows opens whatever folder it is in. */
const namesDevice = (path) => path.includes(':') && RESERVED.test(path.slice(0, path.indexOf(':')));

/** rootOf for normalize and resolve: \\\\.\\ and \\\\?\\ lead to devices, not to shares. */
function deviceRootOf(path) {
  const root = rootOf(path);
  if (!root.unc || !/^[\\/]{2}[.?][\\/]/.test(path)) return root;
  const name = path.slice(4, path.indexOf(':') + 1);
  if (namesDevice(name)) return { device: `\\\\?\\${name}`, length: 4 + name.length, absolute: true, unc: true };
  return { device: path.slice(0, 3).replace(/\//g, '\\'), length: 4, absolute: true, unc: true };
}

/** True if a relative path could be taken for one with a drive or a stream: then it is written as .\\path. */
function looksLikeDrive(path, tail) {
  if (!path.includes(':')) return false;
  if (isLetter(tail.charCodeAt(0)) && tail.charCodeAt(1) === 58) return true;
  return /:(?:$|[\\/])/.test(path);
}

function normalize(path) {
  validateString(path, 'path');
  if (path.length === 0) return '.';
  const root = deviceRootOf(path);
  if (path.length === 1) return isSeparator(path.charCodeAt(0)) ? '\\' : path;
  if (root.unc && root.length === path.length) return `${root.device}\\`;
  let tail = normalizeParts(path.slice(root.length), !root.absolute, '\\', isSeparator);
  if (tail.length === 0 && !root.absolute) tail = '.';
  if (tail.length > 0 && isSeparator(path.charCodeAt(path.length - 1))) tail += '\\';
  if (!root.absolute && root.device === '' && looksLikeDrive(path, tail)) return `.\\${tail}`;
  if (namesDevice(path)) return `.\\${root.device}${tail}`;
  if (root.device === '') return root.absolute ? `\\${tail}` : tail;
  return root.absolute ? `${root.device}\\${tail}` : `${root.device}${tail}`;
}

function isAbsolute(path) {
  validateString(path, 'path');
  return rootOf(path).absolute;
}

function join(...paths) {
  for (const path of paths) validateString(path, 'path');
  const parts = paths.filter((path) => path.length > 0);
  if (parts.length === 0) return '.';
  let joined = parts.join('\\');
  // Only a first part that is a share itself may begin with two separators.
  const first = parts[0];
  const share = /^[\\/]{2}[^\\/]/.test(first);
  const lead = /^[\\/]*/.exec(joined)[0].length;
  if (lead >= 2 && !share) joined = `\\${joined.slice(lead)}`;
  // The name of a device means the device in whatever folder: nothing may be taken away around it.
  if (joined.split('\\').some(namesDevice)) return joined.replace(/\//g, '\\');
  return normalize(joined);
}

function relative(from, to) {
  validateString(from, 'from');
  validateString(to, 'to');
  if (from === to) return '';
  const source = resolve(from);
  const target = resolve(to);
  if (source.toLowerCase() === target.toLowerCase()) return '';
  const a = source.split('\\').filter(Boolean);
  const b = target.split('\\').filter(Boolean);
  let same = 0;
  while (same < a.length && same < b.length && a[same].toLowerCase() === b[same].toLowerCase()) same += 1;
  if (same === 0 && a.length > 0 && b.length > 0) return target;
  return [...Array(a.length - same).fill('..'), ...b.slice(same)].join('\\');
}

function dirname(path) {
  validateString(path, 'path');
  if (path.length === 0) return '.';
  const root = deviceRootOf(path);
  if (path.length === 1) return isSeparator(path.charCodeAt(0)) ? path : '.';
  let low = root.length;
  if (root.unc && path.length > root.length) low = root.length + 1;
  let end = path.length;
  while (end > low && isSeparator(path.charCodeAt(end - 1))) end -= 1;
  while (end > low && !isSeparator(path.charCodeAt(end - 1))) end -= 1;
  if (end <= low) return low === 0 ? '.' : path.slice(0, low);
  return path.slice(0, end - 1);
}

/** Where names begin in a path: behind a drive letter. */
const afterDrive = (path) => (isLetter(path.charCodeAt(0)) && path.charCodeAt(1) === 58 ? 2 : 0);

function basename(path, suffix) {
  if (suffix !== undefined) validateString(suffix, 'suffix');
  validateString(path, 'path');
  return baseOf(path, suffix, afterDrive(path), isSeparator);
}

function extname(path) {
  validateString(path, 'path');
  return extensionOf(path, afterDrive(path), isSeparator);
}

function parse(path) {
  validateString(path, 'path');
  const parts = { root: '', dir: '', base: '', ext: '', name: '' };
  if (path.length === 0) return parts;
  const root = rootOf(path);
  let low = root.length;
  if (root.unc && isSeparator(path.charCodeAt(low))) low += 1;
  if (low > 0) parts.root = path.slice(0, low);
  const start = parseName(parts, path, low, low, isSeparator);
  parts.dir = start > 0 ? path.slice(0, start - 1) : parts.root;
  return parts;
}

function toNamespacedPath(path) {
  if (typeof path !== 'string' || path.length === 0) return path;
  const full = resolve(path);
  if (full.length <= 2) return path;
  if (full.startsWith('\\\\')) return /^\\\\[?.]/.test(full) ? full : `\\\\?\\UNC\\${full.slice(2)}`;
  return isLetter(full.charCodeAt(0)) && full.slice(1, 3) === ':\\' ? `\\\\?\\${full}` : full;
}

module.exports = {
  resolve, normalize, isAbsolute, join, relative, toNamespacedPath, dirname, basename, extname,
  format: formatParts.bind(null, '\\'), parse, sep: '\\', delimiter: ';', win32: null, posix: null,
  _makeLong: toNamespacedPath,
};
