/** The module "readline": lines of a stream, questions, and a simple editor on a terminal. */
const EventEmitter = require('events');
const { codes, AbortError } = require('errors');
const { validateString } = require('validators');

const kLines = Symbol('lines');

/** Lines of options.input. Events: line, close, pause, resume, history, SIGINT. */
class Interface extends EventEmitter {
  constructor(input, output, completer, terminal) {
    super();
    const options = input && typeof input.on !== 'function' && input.input ? input : { input, output, completer, terminal };
    if (!options.input || typeof options.input.on !== 'function') throw new codes.ERR_INVALID_ARG_TYPE('input', 'Stream', options.input);
    if (options.prompt !== undefined) validateString(options.prompt, 'prompt');
    this.input = options.input;
    this.output = options.output;
    this.terminal = options.terminal === undefined ? Boolean(options.output && options.output.isTTY) : Boolean(options.terminal);
    this.closed = false;
    this.paused = false;
    this.line = '';
    this.cursor = 0;
    this.history = [];
    this.promptText = options.prompt === undefined ? '> ' : options.prompt;
    this[kLines] = { rest: '', wasReturn: false, question: null, questionText: '', handlers: [] };
    Object.defineProperty(this, kLines, { enumerable: false });
    if (options.signal) this.#watch(options.signal);
    this.#listen();
  }

  #watch(signal) {
    if (signal.aborted) process.nextTick(() => this.close());
    else signal.addEventListener('abort', () => this.close(), { once: true });
  }

  /** Reads the input; in the end what is left is a line too. */
  #listen() {
    const { StringDecoder } = require('string_decoder');
    const decoder = new StringDecoder('utf8');
    const listen = (type, fn) => {
      this.input.on(type, fn);
      this[kLines].handlers.push([type, fn]);
    };
    listen('data', (chunk) => this.#take(typeof chunk === 'string' ? chunk : decoder.write(chunk)));
    listen('end', () => {
      this.#take(decoder.end());
      const { rest } = this[kLines];
      this[kLines].rest = '';
      if (rest.length > 0) this.#emitLine(rest);
      this.close();
    });
    listen('error', (err) => this.emit('error', err));
    this.input.resume();
  }

  /** Splits text into lines at \n, \r\n, \r and the separators of Unicode, as node does. */
  #take(text) {
    const state = this[kLines];
    let more = text;
    if (state.wasReturn && more.startsWith('\n')) more = more.slice(1);
    if (more.length > 0) state.wasReturn = more.endsWith('\r');
    const parts = (state.rest + more).split(/\r\n|[\n\r\u2028\u2029]/);
    state.rest = parts.pop();
    for (const line of parts) {
      if (this.closed) return;
      this.#emitLine(line);
    }
  }

  #emitLine(line) {
    const { question } = this[kLines];
    if (question) {
      this[kLines].question = null;
      this.setPrompt(this[kLines].questionText);
      question(line);
      return;
    }
    if (this.terminal && line.trim() !== '') {
      this.history.unshift(line);
      this.emit('history', this.history);
    }
    this.emit('line', line);
  }

  setPrompt(prompt) { this.promptText = prompt; }

  getPrompt() { return this.promptText; }

  prompt() {
    if (this.closed) throw new codes.ERR_USE_AFTER_CLOSE('readline');
    if (this.paused) this.resume();
    if (this.output) this.output.write(this.promptText);
  }

  question(query, options, callback) {
    const done = typeof options === 'function' ? options : callback;
    const { signal } = typeof options === 'object' && options !== null ? options : {};
    if (this.closed) throw new codes.ERR_USE_AFTER_CLOSE('readline');
    if (signal && signal.aborted) return;
    if (typeof done !== 'function') return;
    if (this[kLines].question) {
      this.prompt();
      return;
    }
    this[kLines].questionText = this.promptText;
    this.setPrompt(query);
    this[kLines].question = done;
    if (signal) signal.addEventListener('abort', () => { this[kLines].question = null; }, { once: true });
    this.prompt();
  }

  /** Writes as if it was typed. */
  write(data) {
    if (this.closed) throw new codes.ERR_USE_AFTER_CLOSE('readline');
    if (this.paused) this.resume();
    if (data !== null && data !== undefined) this.#take(String(data));
  }

  pause() {
    if (this.paused) return this;
    this.input.pause();
    this.paused = true;
    this.emit('pause');
    return this;
  }

  resume() {
    if (!this.paused) return this;
    this.input.resume();
    this.paused = false;
    this.emit('resume');
    return this;
  }

  close() {
    if (this.closed) return;
    this.pause();
    for (const [type, fn] of this[kLines].handlers) this.input.removeListener(type, fn);
    this.closed = true;
    this.emit('close');
  }

  [Symbol.dispose]() { this.close(); }
}
Interface.prototype[Symbol.asyncIterator] = require('readline_lines').iterate;
Object.defineProperty(Interface.prototype.question, Symbol.for('nodejs.util.promisify.custom'), {
  value(query, options) {
    return new Promise((resolve, reject) => {
      const signal = options && options.signal;
      if (signal && signal.aborted) {
        reject(new AbortError(undefined, { cause: signal.reason }));
        return;
      }
      if (signal) signal.addEventListener('abort', () => reject(new AbortError(undefined, { cause: signal.reason })), { once: true });
      this.question(query, options || {}, resolve);
    });
  },
});

module.exports = {
  Interface,
  createInterface: (...args) => new Interface(...args),
  ...require('readline_cursor'),
};
Object.defineProperty(module.exports, 'promises', { enumerable: true, configurable: true, get: () => require('readline_promises') });
