/** How inspect names functions and classes: "[Function: f]", "[class A extends B]". */

const COMMENTS = /(\/\/.*?\n)|(\/\*(.|\n)*?\*\/)/g;

/** True if the source text is that of a class and not of a function called class-something. */
function isClass(source) {
  if (!source.startsWith('class') || !source.endsWith('}')) return false;
  const head = source.slice(5, -1);
  const brace = head.indexOf('{');
  return brace !== -1 && (!head.slice(0, brace).includes('(') || /^(\s+[^(]*?)\s*{/.test(head.replace(COMMENTS, '')));
}

function describeClass(value, constructor, tag) {
  const own = Object.prototype.hasOwnProperty.call(value, 'name') && value.name;
  let text = `class ${own || '(anonymous)'}`;
  if (constructor !== 'Function' && constructor !== null) text += ` [${constructor}]`;
  if (tag !== '' && constructor !== tag) text += ` [${tag}]`;
  if (constructor === null) return `[${text} extends null]`;
  const parent = Object.getPrototypeOf(value).name;
  return parent ? `[${text} extends ${parent}]` : `[${text}]`;
}

/** "AsyncGeneratorFunction" and the like, by what the function was when it was made. */
function kindOf(value) {
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  return ['AsyncFunction', 'GeneratorFunction', 'AsyncGeneratorFunction'].includes(kind) ? kind : 'Function';
}

/**
 * @param {Function} value
 * @param {?string} constructor name of its class
 * @param {string} tag its Symbol.toStringTag where that says more
 */
function describe(value, constructor, tag) {
  if (isClass(Function.prototype.toString.call(value))) return describeClass(value, constructor, tag);
  const kind = kindOf(value);
  let text = `[${kind}`;
  if (constructor === null) text += ' (null prototype)';
  text += value.name === '' ? ' (anonymous)]' : `: ${value.name}]`;
  if (constructor !== kind && constructor !== null) text += ` ${constructor}`;
  if (tag !== '' && constructor !== tag) text += ` [${tag}]`;
  return text;
}

module.exports = { describe };
