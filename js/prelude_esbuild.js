/**
 * What the output of esbuild refers to where it lowers async generators, `for await` and `using`. The names and the
 * calling conventions are esbuild's (0.28, format cjs); a function that was sent away from its module finds these
 * in the place of the ones at the top of it.
 */

/** The well-known symbol of that name, or the one that stands in for it. */
const __knownSymbol = (name) => Symbol[name] ?? Symbol.for('Symbol.' + name);

const __typeError = (message) => {
  throw new TypeError(message);
};

/** What a lowered generator yields to await `promise`; `delegated` is set by __yieldStar alone. */
function __await(promise, delegated) {
  this[0] = promise;
  this[1] = delegated;
}

/**
 * An async generator made of the generator function `body`. Requests wait in line; the first one owns the generator.
 */
const __asyncGenerator = (self, args, body) => {
  const generator = body.apply(self, args ?? []);
  const queue = [];

  const settle = (ok, value) => {
    const request = queue.shift();
    request[ok ? 'resolve' : 'reject'](value);
    if (queue.length > 0) begin(queue[0]);
  };

  const resume = (kind, value) => {
    let result;
    try {
      result = generator[kind](value);
    } catch (error) {
      return settle(false, error);
    }
    const { value: out, done } = result;
    const failed = (error) => resume('throw', error);
    if (out instanceof __await) {
      // What yield* passed on comes back the way it went in, so that a return stays a return.
      const back = out[1] && kind === 'return' ? 'return' : 'next';
      Promise.resolve(out[0]).then((v) => resume(back, v), failed);
    } else if (done) {
      settle(true, { value: out, done: true });
    } else {
      Promise.resolve(out).then((v) => settle(true, { value: v, done: false }), failed);
    }
  };

  const begin = ({ kind, value }) => {
    if (kind !== 'return') return resume(kind, value);
    Promise.resolve(value).then((v) => resume('return', v), (error) => resume('throw', error));
  };

  const request = (kind) => (value) => new Promise((resolve, reject) => {
    queue.push({ kind, value, resolve, reject });
    if (queue.length === 1) begin(queue[0]);
  });

  const it = { next: request('next'), throw: request('throw'), return: request('return') };
  Object.defineProperty(it, Symbol.toStringTag, { value: 'AsyncGenerator' });
  Object.defineProperty(it, __knownSymbol('asyncIterator'), { value: () => it });
  return it;
};

const iteratorResult = (result) => (result instanceof Object ? result : __typeError('Object expected'));

/**
 * `yield* iterable` of an async generator, as something that a plain generator can `yield*`. esbuild puts it around
 * the operand in plain generators too, so what is not async must pass unchanged; an async one awaits its values anyway.
 */
const __yieldStar = (iterable) => {
  const method = iterable[__knownSymbol('asyncIterator')];
  if (method == null) return iterable;
  const source = method.call(iterable);
  let waiting = false;

  // Each request makes two trips: the first out with the source's promise, the second back with what came of it.
  const pass = (kind, call) => (value) => {
    if (waiting) {
      waiting = false;
      if (kind === 'throw') throw value;
      return value;
    }
    waiting = true;
    const promise = new Promise((resolve) => resolve(call(value))).then(iteratorResult);
    return { done: false, value: new __await(promise, true) };
  };

  const refuse = async () => {
    await source.return?.();
    __typeError('The iterator does not provide a throw method');
  };
  const it = {
    next: pass('next', (v) => source.next(v)),
    throw: pass('throw', (v) => ('throw' in source ? source.throw(v) : refuse())),
    [Symbol.iterator]: () => it,
  };
  if ('return' in source) it.return = pass('return', (v) => source.return(v));
  return it;
};

/** The async iterator that `for await` asks of `iterable`. */
const __forAwait = (iterable) => {
  const method = iterable[__knownSymbol('asyncIterator')];
  if (method != null) return method.call(iterable);
  const source = iterable[Symbol.iterator]();
  const step = async (result) => ({ done: result.done, value: await result.value });
  const next = async (v) => step(source.next(v));
  return source.return ? { next, return: async (v) => step(source.return(v)) } : { next };
};

/** Notes that `value` is to be disposed of when the block ends; returns it. */
const __using = (stack, value, isAsync) => {
  if (value == null) {
    if (isAsync) stack.push({ isAsync });
    return value;
  }
  if (typeof value !== 'object' && typeof value !== 'function') __typeError('Object expected');
  const dispose = (isAsync ? value[__knownSymbol('asyncDispose')] : undefined) ?? value[__knownSymbol('dispose')];
  if (typeof dispose !== 'function') __typeError('Object not disposable');
  stack.push({ isAsync, dispose: () => dispose.call(value) });
  return value;
};

/** Disposes of what the block noted, last first. Returns a promise if any of it is async. */
const __callDispose = (stack, error, failed) => {
  const fail = (e) => {
    error = failed ? new SuppressedError(e, error, 'An error was suppressed during disposal') : e;
    failed = true;
  };
  const next = () => {
    while (stack.length > 0) {
      const { isAsync, dispose } = stack.pop();
      try {
        const result = dispose?.();
        if (isAsync) return Promise.resolve(result).catch(fail).then(next);
      } catch (e) {
        fail(e);
        if (isAsync) return Promise.resolve().then(next);
      }
    }
    if (failed) throw error;
  };
  return next();
};

Object.assign(exports, {
  __knownSymbol, __typeError, __await, __asyncGenerator, __yieldStar, __forAwait, __using, __callDispose,
});
