/**
 * What the output of esbuild refers to where it lowers classes with decorators, those of the language and those of
 * TypeScript. The names and the calling conventions are esbuild's (0.28); see prelude_esbuild.js.
 *
 * `state` is what __decoratorStart made: at 0, 1, 2 the extra initializers of the class, of its static and of its
 * other methods, at 3 the metadata, then for each field or accessor its initializers and its extra initializers.
 * `flags` is a kind (index of KINDS), plus STATIC, plus PRIVATE.
 */
const { __knownSymbol, __typeError } = require('prelude_esbuild');

const KINDS = ['class', 'method', 'getter', 'setter', 'accessor', 'field'];
const CLASS = 0, METHOD = 1, GETTER = 2, SETTER = 3, ACCESSOR = 4, FIELD = 5;
const STATIC = 8, PRIVATE = 16;

const __defProp = Object.defineProperty;
const __name = (target, value) => __defProp(target, 'name', { value, configurable: true });

const __publicField = (object, key, value) => {
  __defProp(object, typeof key === 'symbol' ? key : String(key), { value, enumerable: true, configurable: true, writable: true });
  return value;
};

const member = (object, members, doing) => members.has(object) || __typeError('Cannot ' + doing);

const __privateIn = (members, object) =>
  Object(object) === object ? members.has(object) : __typeError('Cannot use the "in" operator on this value');

const __privateGet = (object, members, getter) => {
  member(object, members, 'read from private field');
  return getter ? getter.call(object) : members.get(object);
};

const __privateAdd = (object, members, value) => {
  if (members.has(object)) __typeError('Cannot add the same private member more than once');
  return members instanceof WeakSet ? members.add(object) : members.set(object, value);
};

const __privateSet = (object, members, value, setter) => {
  member(object, members, 'write to private field');
  if (setter) setter.call(object, value);
  else members.set(object, value);
  return value;
};

const __privateMethod = (object, members, method) => {
  member(object, members, 'access private method');
  return method;
};

const __decoratorStart = (base) => [, , , Object.create(base?.[__knownSymbol('metadata')] ?? null)];

const __decoratorMetadata = (state, target) =>
  __defProp(target, __knownSymbol('metadata'), { value: state[3], configurable: true, writable: true });

/** Runs the initializers at flags >> 1: on an even number each gets the value so far and gives the next one. */
const __runInitializers = (state, flags, self, value) => {
  for (const fn of state[flags >> 1] ?? []) {
    if (flags & 1) fn.call(self);
    else value = fn.call(self, value);
  }
  return value;
};

const checked = (fn) => (typeof fn === 'function' ? fn : __typeError('Function expected'));

/** How a decorator may reach the member that it decorates. */
const accessOf = (kind, name, target, fns) => {
  const access = { has: (o) => (fns ? __privateIn(target, o) : name in o) };
  if (kind !== SETTER) access.get = (o) => (fns ? fns.get(o) : o[name]);
  if (kind > GETTER) access.set = (o, v) => { if (fns) fns.set(o, v); else o[name] = v; };
  return access;
};

/**
 * Applies `decorators` to one element of a class, or to the class. `target` is the class, or for a private element
 * the set of its owners; `extra` is a private method or accessor, or where private values are kept. Returns what
 * takes the element's place.
 */
const __decorateElement = (state, flags, name, decorators, target, extra) => {
  const kind = flags & 7, isStatic = (flags & STATIC) !== 0, isPrivate = (flags & PRIVATE) !== 0;
  const at = kind > SETTER ? state.length + 1 : kind === CLASS ? 0 : isStatic ? 1 : 2;
  const initializers = kind > SETTER ? (state[at - 1] = []) : [];
  const extraInitializers = (state[at] ??= []);
  const holder = isPrivate || isStatic || kind === CLASS ? target : target.prototype;

  let desc;
  if (kind === ACCESSOR) {
    desc = { get() { return __privateGet(this, extra); }, set(v) { __privateSet(this, extra, v); }, configurable: true };
  } else if (!isPrivate && kind !== CLASS && kind !== FIELD) {
    desc = Object.getOwnPropertyDescriptor(holder, name);
  }
  if (kind === CLASS) __name(target, name);
  else if (isPrivate && kind < ACCESSOR) __name(extra, (kind === GETTER ? 'get ' : kind === SETTER ? 'set ' : '') + name);

  const fns = isPrivate && {
    get: (o) => (kind === METHOD ? __privateMethod(o, target, extra) : __privateGet(o, target, kind === ACCESSOR ? desc.get : kind === GETTER ? extra : undefined)),
    set: (o, v) => __privateSet(o, target, v, kind === ACCESSOR ? desc.set : kind === SETTER ? extra : undefined),
  };
  const key = kind === METHOD ? 'value' : kind === GETTER ? 'get' : 'set';

  for (const decorate of decorators.slice().reverse()) {
    let done = false;
    const context = { kind: KINDS[kind], name, metadata: state[3] };
    context.addInitializer = (fn) => { if (done) __typeError('Already initialized'); extraInitializers.push(checked(fn)); };
    if (kind !== CLASS) Object.assign(context, { static: isStatic, private: isPrivate, access: accessOf(kind, name, target, fns) });
    const subject = kind === CLASS ? target : kind === FIELD ? undefined
      : kind === ACCESSOR ? { get: desc.get, set: desc.set } : isPrivate ? extra : desc[key];
    const result = (0, decorate)(subject, context);
    done = true;
    if (result === undefined) continue;
    if (kind === ACCESSOR) {
      if (typeof result !== 'object' || result === null) __typeError('Object expected');
      if (result.get !== undefined) desc.get = checked(result.get);
      if (result.set !== undefined) desc.set = checked(result.set);
      if (result.init !== undefined) initializers.unshift(checked(result.init));
    } else if (kind === FIELD) initializers.unshift(checked(result));
    else if (kind === CLASS) target = checked(result);
    else if (isPrivate) extra = checked(result);
    else desc[key] = checked(result);
  }

  if (kind === CLASS) __decoratorMetadata(state, target);
  if (isPrivate) return kind === ACCESSOR ? desc : extra;
  if (desc) __defProp(holder, name, desc);
  return target;
};

/** TypeScript's decorators: kind 0 is a class, 1 a member, 2 a field. */
const __decorateClass = (decorators, target, key, kind) => {
  let result = kind > 1 ? undefined : kind ? Object.getOwnPropertyDescriptor(target, key) : target;
  for (const decorate of decorators.slice().reverse()) {
    if (decorate) result = (kind ? decorate(target, key, result) : decorate(result)) || result;
  }
  if (kind && result) __defProp(target, key, result);
  return result;
};

const __decorateParam = (index, decorate) => (target, key) => decorate(target, key, index);

Object.assign(exports, {
  __defProp, __name, __publicField, __privateIn, __privateGet, __privateAdd, __privateSet, __privateMethod,
  __decoratorStart, __decoratorMetadata, __runInitializers, __decorateElement, __decorateClass, __decorateParam,
});
