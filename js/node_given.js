// What a warm node process gives to all tasks alike: classes and modules of node's that reach nothing outside.
'use strict';

/** Globals beyond the language's. Typed arrays are here since Buffer is one of them. */
exports.globals = ['Buffer', 'TextEncoder', 'TextDecoder', 'atob', 'btoa', 'URL', 'URLSearchParams', 'DOMException', 'Event',
  'EventTarget', 'AbortController', 'AbortSignal', 'performance', 'crypto', 'queueMicrotask',
  'ArrayBuffer', 'SharedArrayBuffer', 'Atomics', 'DataView', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array',
  'Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array'];

/** Globals that cost too much to be made before a task asks for them. */
exports.lazyGlobals = ['CustomEvent', 'Headers', 'Request', 'Response', 'Performance', 'PerformanceEntry'];

/** Modules; timers and console are each task's own. */
exports.modules = ['assert', 'assert/strict', 'buffer', 'crypto', 'events', 'path', 'path/posix', 'path/win32', 'punycode',
  'querystring', 'string_decoder', 'url', 'util', 'util/types'];

/** Of modules that reach outside: what they would need, and the flags that would give it to our own engine. */
exports.denied = {
  fs: ['read or write', '--allow-read or --allow-write'],
  'fs/promises': ['read or write', '--allow-read or --allow-write'],
  process: ['any', '--allow-env'],
  child_process: ['run', '--allow-run'],
  net: ['net', '--allow-net'],
  tls: ['net', '--allow-net'],
  dns: ['net', '--allow-net'],
  'dns/promises': ['net', '--allow-net'],
  http: ['net', '--allow-net'],
  https: ['net', '--allow-net'],
  stream: ['any', 'one of the --allow flags'],
};

/** Loads a module, without what it would warn of. */
exports.load = (name) => require(`node:${name}`);

/** The classes of errors that node's own code throws. */
exports.errors = { Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError };
