/** What AssertionError shows of two values that should be equal: their lines, with + and - where they differ. */
const { inspect } = require('inspect');

const HEADS = {
  deepStrictEqual: 'Expected values to be strictly deep-equal:',
  strictEqual: 'Expected values to be strictly equal:',
  strictEqualObject: 'Expected "actual" to be reference-equal to "expected":',
  deepEqual: 'Expected values to be loosely deep-equal:',
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
  notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  notStrictEqualObject: 'Expected "actual" not to be reference-equal to "expected":',
  notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
  notIdentical: 'Values have same structure but are not reference-equal:',
  notDeepEqualUnequal: 'Expected values not to be loosely deep-equal:',
};

const SHORT = 12; // two values that are no longer together stand on one line
const WIDTH = 80;
const MOST = 50; // lines shown

function describe(value) {
  return inspect(value, {
    compact: false, customInspect: false, depth: 1000, maxArrayLength: Infinity, showHidden: false, showProxy: false,
    sorted: true, getters: true, breakLength: Infinity,
  });
}

const isObject = (value) => typeof value === 'object' && value !== null;

/** Two single lines: a short form, or a mark below the first character that differs; undefined for neither. */
function singleLine(a, b, actual, expected, operator) {
  const total = a.length + b.length;
  if (total <= SHORT) {
    const plain = !isObject(actual) && !isObject(expected) && (actual !== 0 || expected !== 0);
    return plain ? { text: `${HEADS[operator]}\n\n${a} !== ${b}\n` } : {};
  }
  if (operator === 'strictEqualObject' || total >= WIDTH) return {};
  let i = 0;
  while (a[i] === b[i]) i += 1;
  return i > 2 ? { mark: `\n  ${' '.repeat(i)}^`, offset: 0 } : { offset: i };
}

/** Takes the lines that both have at the end off; returns them as they are shown, and whether some were left out. */
function commonEnd(a, b, offset) {
  let end = '';
  let other = '';
  let count = offset;
  while (a.length > 0 && b.length > 0 && a[a.length - 1] === b[b.length - 1]) {
    const line = a.pop();
    b.pop();
    if (count < 3) end = `\n  ${line}${end}`;
    else other = line;
    count += 1;
  }
  const skipped = count >= 5;
  if (skipped) end = `\n...${end}`;
  if (other !== '') end = `\n  ${other}${end}`;
  return { end, skipped };
}

/** Collects the lines of the difference: changed ones, and of the same ones two on each side. */
class Report {
  constructor() {
    this.text = '';
    this.minus = '';
    this.same = 0;
    this.printed = 0;
    this.skipped = false;
  }

  add(line) {
    this.text += `\n${line}`;
    this.printed += 1;
  }

  /** The last of the same lines before a change at i. */
  before(lines, i) {
    if (this.same > 2) {
      if (this.same > 4) {
        if (this.same === 5) this.add(`  ${lines[i - 3]}`);
        else {
          this.text += '\n...';
          this.skipped = true;
        }
      }
      if (this.same > 3) this.add(`  ${lines[i - 2]}`);
      this.add(`  ${lines[i - 1]}`);
    }
    this.same = 0;
  }

  keep(line) {
    this.text += this.minus;
    this.minus = '';
    this.same += 1;
    if (this.same <= 2) this.add(`  ${line}`);
  }

  change(actual, expected) {
    if (actual !== undefined) this.add(`+ ${actual}`);
    if (expected === undefined) return;
    this.minus += `\n- ${expected}`;
    this.printed += 1;
  }
}

/** Lines that differ in a comma at the end are the same; gives the line to show, undefined if they differ. */
function sameLine(a, b) {
  if (a === b || (a.endsWith(',') && a.slice(0, -1) === b)) return a;
  return b.endsWith(',') && b.slice(0, -1) === a ? `${a},` : undefined;
}

/**
 * @param {*} actual
 * @param {*} expected
 * @param {string} operation 'strictEqual' or 'deepStrictEqual'
 */
function difference(actual, expected, operation) {
  const objects = (isObject(actual) && isObject(expected)) || (typeof actual === 'function' && typeof expected === 'function');
  const operator = operation === 'strictEqual' && objects ? 'strictEqualObject' : operation;
  const inspected = describe(actual);
  const a = inspected.split('\n');
  const b = describe(expected).split('\n');
  let single = {};
  if (a.length === 1 && b.length === 1 && a[0] !== b[0]) single = singleLine(a[0], b[0], actual, expected, operator);
  if (single.text) return single.text;
  const { end, skipped } = commonEnd(a, b, single.offset || 0);
  const most = Math.max(a.length, b.length);
  if (most === 0) {
    const lines = inspected.split('\n');
    if (lines.length > MOST) {
      lines[MOST - 4] = '...';
      lines.length = MOST - 3;
    }
    return `${HEADS.notIdentical}\n\n${lines.join('\n')}\n`;
  }
  const head = `${HEADS[operator]}\n+ actual - expected`;
  const report = new Report();
  report.skipped = skipped;
  const longer = a.length < most ? b : a;
  for (let i = 0; i < most; i++) {
    const line = i < a.length && i < b.length ? sameLine(a[i], b[i]) : undefined;
    if (line !== undefined) report.keep(line);
    else {
      report.before(i < a.length && i < b.length ? a : longer, i);
      report.change(a[i], b[i]);
    }
    if (report.printed > MOST && i < most - 2) return `${head} ... Lines skipped\n${report.text}\n...${report.minus}\n...`;
  }
  return `${head}${report.skipped ? ' ... Lines skipped' : ''}\n${report.text}${report.minus}${end}${single.mark || ''}`;
}

module.exports = { difference, describe, HEADS };
