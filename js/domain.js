/**
 * The module "domain", deprecated in node: errors of callbacks and emitters that were made within a domain are its
 * error events. The innermost that is entered goes along with the async context, so that callbacks are within the
 * domain in which they were set.
 */
const EventEmitter = require('events');
const { AsyncLocalStorage } = require('async_hooks');
const { codes } = require('errors');

/** The innermost domain that is entered. */
const innermost = new AsyncLocalStorage();
/** All that were entered since the callback began, if its last is the innermost still. */
let sync = [];

/** The domains that are entered, the innermost last: a callback begins in the innermost alone. */
function stack() {
  const domain = innermost.getStore();
  if (!domain) return [];
  return sync.at(-1) === domain ? sync : [domain];
}

/** Makes domains what stack gives from now on; the array is not changed. */
function setStack(domains) {
  sync = domains;
  innermost.enterWith(domains.at(-1));
}

const hasListener = (emitter, type) => emitter.listenerCount(type) > 0;
const isObject = (v) => (typeof v === 'object' && v !== null) || typeof v === 'function';

/** Writes on an error where it came from, as node does, in properties that no listing shows. */
function mark(err, marks) {
  if (!isObject(err)) return;
  for (const [name, value] of Object.entries(marks)) {
    Object.defineProperty(err, name, { value, configurable: true, enumerable: false, writable: true });
  }
}

class Domain extends EventEmitter {
  constructor() {
    super();
    this.members = [];
  }

  enter() { setStack([...stack(), this]); }

  /** Leaves this domain and those that were entered within it. */
  exit() {
    const at = stack().lastIndexOf(this);
    if (at >= 0) setStack(stack().slice(0, at));
  }

  /** Makes an emitter's errors, or a timer's, this domain's; it leaves the domain where it was. */
  add(member) {
    if (member.domain === this) return;
    if (member.domain) member.domain.remove(member);
    for (let d = this.domain; member instanceof Domain && d; d = d.domain) if (d === member) return;
    Object.defineProperty(member, 'domain', { value: this, configurable: true, enumerable: false, writable: true });
    this.members.push(member);
  }

  remove(member) {
    member.domain = null;
    const at = this.members.indexOf(member);
    if (at >= 0) this.members.splice(at, 1);
  }

  /** Runs fn within the domain. What it throws leaves the domain entered: so it is found as the one to tell. */
  run(fn, ...args) {
    this.enter();
    const result = Reflect.apply(fn, this, args);
    this.exit();
    return result;
  }

  bind(fn) { return bound(this, fn, (self, args) => within(this, fn, self, args)); }

  /** As bind, for a callback whose first argument is an error: that goes to the domain, the rest to fn. */
  intercept(fn) {
    return bound(this, fn, (self, [err, ...args]) => {
      if (!(err instanceof Error)) return within(this, fn, self, args);
      mark(err, { domainBound: fn, domainThrown: false, domain: this });
      this.emit('error', err);
    });
  }
}

function within(domain, fn, self, args) {
  domain.enter();
  const result = Reflect.apply(fn, self, args);
  domain.exit();
  return result;
}

function bound(domain, fn, call) {
  const run = function runBound(...args) { return call(this, args); };
  Object.defineProperty(run, 'domain', { value: domain, configurable: true, enumerable: false, writable: true });
  return run;
}

/** Offers an error that nobody caught to the domains that are entered, from within; says whether one took it. */
function take(err) {
  let replaced = false;
  for (let left = stack(); left.length > 0; left = left.slice(0, -1)) {
    const domain = left[left.length - 1];
    if (!hasListener(domain, 'error')) continue;
    mark(err, { domain, domainThrown: true });
    setStack(left.slice(0, -1)); // its listeners are not within it
    try {
      domain.emit('error', err);
      setStack([]);
      return true;
    } catch (thrown) {
      err = thrown; // goes to the domain around
      replaced = true;
    }
  }
  setStack([]);
  if (replaced) throw err;
  return false;
}

/** Gives the error event of an emitter without a listener for it to its domain. */
function failed(emitter, domain, args) {
  let err = args[0];
  if (!err) err = new codes.ERR_UNHANDLED_ERROR(String(err));
  if (isObject(err)) mark(err, { domainEmitter: emitter, domain, domainThrown: false });
  const before = stack();
  const at = before.lastIndexOf(domain);
  if (at >= 0) setStack(before.slice(0, at));
  domain.emit('error', err);
  setStack(before);
  return false;
}

/** Lets emitters know the domain that they are made in. */
function watchEmitters() {
  const { init } = EventEmitter;
  const { emit } = EventEmitter.prototype;
  EventEmitter.usingDomains = true;
  EventEmitter.init = function initInDomain(opts) {
    const domain = this instanceof Domain ? null : process.domain ?? null;
    Object.defineProperty(this, 'domain', { value: domain, configurable: true, enumerable: false, writable: true });
    return Reflect.apply(init, this, [opts]);
  };
  EventEmitter.prototype.emit = function emitInDomain(...args) {
    const { domain } = this;
    if (!domain || this === process) return Reflect.apply(emit, this, args);
    if (args[0] === 'error' && !hasListener(this, 'error')) return failed(this, domain, args.slice(1));
    return within(domain, emit, this, args);
  };
}

require('process_errors').useDomains(process, take);
watchEmitters();
const active = { configurable: true, enumerable: true, get: () => stack().at(-1) ?? null, set: () => {} };
Object.defineProperty(process, 'domain', active);
module.exports = Object.defineProperties({ Domain, create: () => new Domain(), createDomain: () => new Domain() }, {
  active,
  _stack: { configurable: true, enumerable: true, get: stack },
});
