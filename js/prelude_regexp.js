/**
 * RegExp whose patterns are made fit for goja when they are made: it takes property classes (\p{…}) for the letter p,
 * silently, forgets the names of groups under flag u, takes a name twice, and refuses flag v. Literals are translated when they are compiled. `source`, `flags` and `toString` show what
 * the user wrote: the translation holds it.
 */
'use strict';

const Own = RegExp;
const { construct } = Reflect;
const { match } = Symbol;

const isRegExp = (v) => typeof v === 'object' && v !== null && (v[match] === undefined ? v instanceof Own : Boolean(v[match]));

/** @returns {Array} the arguments, translated if the flags say that there may be something to translate */
function fit(args) {
  let [pattern, flags] = args;
  const from = isRegExp(pattern);
  if (from && flags === undefined) return args; // it was fit when it was made
  pattern = from ? `${pattern.source}` : pattern === undefined ? '' : `${pattern}`;
  flags = flags === undefined ? '' : `${flags}`;
  if (!flags.includes('u') && !flags.includes('v') && !pattern.includes('(?<')) return [pattern, flags];
  const [fitting, otherFlags, fault] = binding.translate(pattern, flags);
  if (fault) throw new SyntaxError(`Invalid regular expression: /${pattern}/${flags}: ${fault}`);
  return [fitting, otherFlags];
}

/** Puts it in the place of goja's. */
exports.install = () => {
  function RegExp(pattern, flags) {
    if (new.target === undefined && flags === undefined && isRegExp(pattern) && pattern.constructor === RegExp) return pattern;
    const as = new.target === undefined || new.target === RegExp ? Own : new.target;
    return construct(Own, fit([pattern, flags]), as);
  }
  const hidden = { writable: true, enumerable: false, configurable: true };
  for (const key of Reflect.ownKeys(Own)) {
    if (key !== 'prototype') Object.defineProperty(RegExp, key, Object.getOwnPropertyDescriptor(Own, key));
  }
  Object.defineProperty(RegExp, 'prototype', { value: Own.prototype, writable: false });
  Object.defineProperty(RegExp, 'toString', { value: () => 'function RegExp() { [native code] }', ...hidden });
  Object.defineProperty(Own.prototype, 'constructor', { value: RegExp, ...hidden });
  Object.defineProperty(globalThis, 'RegExp', { value: RegExp, ...hidden });
};
