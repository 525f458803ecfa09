/**
 * The module "vm". A context is a sandbox that programs see in place of the global object; the intrinsics are shared with
 * the script, so `instanceof` holds across contexts where it would not in node. See jsapi/node/vmrewrite.go for the rest.
 */
const { codes } = require('errors');
const {
  validateString, validateObject, validateBoolean, validateFunction, validateOneOf, validateUint32, validateInt32, validateArray,
} = require('validators');

const contexts = new WeakMap();
const DONT_CONTEXTIFY = Symbol('vm_context_no_contextify');
const USE_MAIN_CONTEXT_DEFAULT_LOADER = Symbol('vm_dynamic_import_main_context_default');
/** Lines and columns before a program that are made up by white space; beyond it the offset is left out. */
const MAX_OFFSET = 100000;

const validateBuffer = (value, name) => {
  if (!ArrayBuffer.isView(value)) throw new codes.ERR_INVALID_ARG_TYPE(name, ['Buffer', 'TypedArray', 'DataView'], value);
};
const contextOf = (object) => {
  if (typeof object !== 'object' || object === null) throw new codes.ERR_INVALID_ARG_TYPE('contextifiedObject', 'vm.Context', object);
  const context = contexts.get(object);
  if (context === undefined) throw new codes.ERR_INVALID_ARG_TYPE('contextifiedObject', 'vm.Context', object);
  return context;
};

/** The text before a program that moves it to its line and column. */
const offset = (lines, columns) => '\n'.repeat(lines > 0 && lines < MAX_OFFSET ? lines : 0) + ' '.repeat(columns > 0 && columns < MAX_OFFSET ? columns : 0);

function checkImporter(value, name = 'options.importModuleDynamically') {
  if (value !== undefined && value !== USE_MAIN_CONTEXT_DEFAULT_LOADER) validateFunction(value, name);
}

/** Milliseconds that a run may take, and nothing else that the engine can do something with. */
function runOptions(options) {
  if (options === undefined) return 0;
  validateObject(options, 'options');
  const { breakOnSigint, displayErrors, timeout } = options;
  if (timeout !== undefined) validateUint32(timeout, 'options.timeout', true);
  if (displayErrors !== undefined) validateBoolean(displayErrors, 'options.displayErrors');
  if (breakOnSigint !== undefined) validateBoolean(breakOnSigint, 'options.breakOnSigint');
  return timeout ?? 0;
}

class Script {
  #text;
  #file;
  #programs = {};

  constructor(code, options = {}) {
    const text = `${code}`;
    const given = typeof options === 'string' ? { filename: options } : options;
    validateObject(given, 'options');
    const { filename = 'evalmachine.<anonymous>', lineOffset = 0, columnOffset = 0, cachedData, produceCachedData = false } = given;
    validateString(filename, 'options.filename');
    validateInt32(lineOffset, 'options.lineOffset');
    validateInt32(columnOffset, 'options.columnOffset');
    if (cachedData !== undefined) validateBuffer(cachedData, 'options.cachedData');
    validateBoolean(produceCachedData, 'options.produceCachedData');
    checkImporter(given.importModuleDynamically);
    this.#text = offset(lineOffset, columnOffset) + text;
    this.#file = filename;
    this.#programs.main = binding.compile(this.#text, filename, false);
    const found = /^\/\/[#@] sourceMappingURL=(\S+)\s*$/m.exec(text);
    this.sourceMapURL = found ? found[1] : undefined;
    if (cachedData !== undefined) this.cachedDataRejected = !this.createCachedData().equals(Buffer.from(cachedData.buffer, cachedData.byteOffset, cachedData.byteLength));
    if (produceCachedData) {
      this.cachedData = this.createCachedData();
      this.cachedDataProduced = true;
    }
  }

  /** What tells the text from others: the engine has no code to keep. */
  createCachedData() { return require('crypto').createHash('sha256').update(this.#text).digest(); }

  runInThisContext(options = undefined) {
    const ms = runOptions(options);
    return binding.run(this.#programs.main, undefined, ms);
  }

  runInContext(contextifiedObject, options = undefined) {
    const context = contextOf(contextifiedObject);
    const ms = runOptions(options);
    this.#programs.context ??= binding.compile(this.#text, this.#file, true);
    return binding.run(this.#programs.context, context.native, ms);
  }

  runInNewContext(contextObject, options = undefined) {
    return this.runInContext(createContext(contextObject, contextOptions(options)), options);
  }
}

/** The options of createContext among those of a run in a new one. */
function contextOptions(options) {
  if (options === undefined || options === null || typeof options === 'string') return {};
  const { contextName, contextOrigin, contextCodeGeneration, microtaskMode } = options;
  if (contextName !== undefined) validateString(contextName, 'options.contextName');
  if (contextOrigin !== undefined) validateString(contextOrigin, 'options.contextOrigin');
  if (contextCodeGeneration !== undefined) {
    validateObject(contextCodeGeneration, 'options.contextCodeGeneration');
    for (const name of ['strings', 'wasm']) {
      if (contextCodeGeneration[name] !== undefined) validateBoolean(contextCodeGeneration[name], `options.contextCodeGeneration.${name}`);
    }
  }
  if (microtaskMode !== undefined) validateOneOf(microtaskMode, 'options.microtaskMode', ['afterEvaluate', undefined]);
  return { name: contextName, origin: contextOrigin, codeGeneration: contextCodeGeneration };
}

let made = 0;
let warned = false;

function createContext(contextObject = {}, options = {}) {
  const vanilla = contextObject === DONT_CONTEXTIFY;
  const object = vanilla ? {} : contextObject;
  if (typeof object !== 'object' || object === null) throw new codes.ERR_INVALID_ARG_TYPE('contextObject', 'Object', contextObject);
  if (contexts.has(object)) return contexts.get(object).result;
  validateObject(options, 'options');
  made += 1;
  const { name = `VM Context ${made}`, origin, codeGeneration, microtaskMode } = options;
  validateString(name, 'options.name');
  if (origin !== undefined) validateString(origin, 'options.origin');
  if (codeGeneration !== undefined) {
    validateObject(codeGeneration, 'options.codeGeneration');
    for (const key of ['strings', 'wasm']) {
      if (codeGeneration[key] !== undefined) validateBoolean(codeGeneration[key], `options.codeGeneration.${key}`);
    }
  }
  validateOneOf(microtaskMode, 'options.microtaskMode', ['afterEvaluate', undefined]);
  checkImporter(options.importModuleDynamically);
  const [native, global] = binding.contextify(object);
  const context = { native, global, result: vanilla ? global : object };
  contexts.set(object, context);
  contexts.set(global, context);
  return context.result;
}

function isContext(object) {
  validateObject(object, 'object', { allowArray: true, allowFunction: true });
  return contexts.has(object);
}

const scriptOptions = (options) => (typeof options === 'string' ? { filename: options } : options);

/** The options of a run by itself, without those of the script that Script has checked. */
const onlyRun = (options) => (options === undefined || typeof options === 'string' ? undefined : options);

function runInContext(code, contextifiedObject, options = undefined) {
  contextOf(contextifiedObject);
  return new Script(code, scriptOptions(options)).runInContext(contextifiedObject, onlyRun(options));
}

function runInNewContext(code, contextObject = undefined, options = undefined) {
  const context = createContext(contextObject, contextOptions(options));
  return new Script(code, scriptOptions(options)).runInContext(context, onlyRun(options));
}

function runInThisContext(code, options = undefined) {
  return new Script(code, scriptOptions(options)).runInThisContext(onlyRun(options));
}

function compileFunction(code, params = undefined, options = {}) {
  validateString(code, 'code');
  if (params !== undefined) {
    validateArray(params, 'params');
    params.forEach((param, i) => validateString(param, `params[${i}]`));
  }
  validateObject(options, 'options');
  const {
    filename = '', columnOffset = 0, lineOffset = 0, cachedData, produceCachedData = false, parsingContext, contextExtensions = [],
  } = options;
  validateString(filename, 'options.filename');
  validateInt32(columnOffset, 'options.columnOffset');
  validateInt32(lineOffset, 'options.lineOffset');
  if (cachedData !== undefined) validateBuffer(cachedData, 'options.cachedData');
  validateBoolean(produceCachedData, 'options.produceCachedData');
  if (parsingContext !== undefined && (typeof parsingContext !== 'object' || parsingContext === null || !isContext(parsingContext))) {
    throw new codes.ERR_INVALID_ARG_TYPE('options.parsingContext', 'Context', parsingContext);
  }
  validateArray(contextExtensions, 'options.contextExtensions');
  contextExtensions.forEach((extension, i) => validateObject(extension, `options.contextExtensions[${i}]`, { nullable: true }));
  checkImporter(options.importModuleDynamically);
  const names = (params ?? []).join(',');
  binding.compile(`(function (${names}) {\n${code}\n})`, filename, false); // a body that closes the function is an error
  const around = contextExtensions.map((_, i) => `with (__sc_extension[${i}]) `).join('');
  const text = `${offset(lineOffset, columnOffset)}(function (__sc_extension) { ${around}return (function (${names}) {${code}\n}) })`;
  const native = parsingContext === undefined ? undefined : contextOf(parsingContext).native;
  const fn = binding.run(binding.compile(text, filename, native !== undefined), native, 0)(contextExtensions);
  Object.defineProperty(fn, 'name', { value: '', configurable: true });
  if (produceCachedData) Object.assign(fn, { cachedDataProduced: true, cachedData: require('crypto').createHash('sha256').update(code).digest() });
  if (cachedData !== undefined) {
    fn.cachedDataRejected = !require('crypto').createHash('sha256').update(code).digest().equals(Buffer.from(cachedData));
  }
  return fn;
}

/** What the engine uses now: it does not tell contexts apart. */
function measureMemory(options = {}) {
  validateObject(options, 'options');
  const { mode = 'summary', execution = 'default' } = options;
  validateOneOf(mode, 'options.mode', ['summary', 'detailed']);
  validateOneOf(execution, 'options.execution', ['default', 'eager']);
  if (!warned) process.emitWarning('vm.measureMemory is an experimental feature and might change at any time', 'ExperimentalWarning');
  warned = true;
  const { heapUsed, heapTotal } = process.memoryUsage();
  const total = { jsMemoryEstimate: heapUsed, jsMemoryRange: [heapUsed, heapTotal] };
  return Promise.resolve(mode === 'summary' ? { total } : { total, current: total, other: Array(made).fill(total) });
}

module.exports = {
  Script, createContext, runInContext, runInNewContext, runInThisContext, isContext, compileFunction, measureMemory,
  createScript: (code, options) => new Script(code, options),
  constants: Object.freeze({ __proto__: null, USE_MAIN_CONTEXT_DEFAULT_LOADER, DONT_CONTEXTIFY }),
};
