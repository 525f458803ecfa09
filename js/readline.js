/** The module "readline": lines of a stream, questions, and a simple editor on a terminal. */
const EventEmitter = require('events');
const { codes, AbortError } = require('errors');
const { validateString, validateNumber, validateArray, validateUint32, validateAbortSignal } = require('validators');

const kLines = Symbol('lines');
const kDecoder = Symbol('readline.decoder'); // kept with the input: the next Interface on it goes on in the middle of a character

/** Options of an Interface, checked. */
function settingsOf(options) {
  const { completer, history = [], historySize = 30, tabSize = 8, crlfDelay = 100, escapeCodeTimeout = 500 } = options;
  if (completer !== undefined && typeof completer !== 'function') throw new codes.ERR_INVALID_ARG_VALUE('completer', completer);
  validateArray(history, 'history');
  validateNumber(historySize, 'historySize', 0);
  validateUint32(tabSize, 'tabSize', true);
  if (!Number.isFinite(escapeCodeTimeout)) throw new codes.ERR_INVALID_ARG_VALUE('input.escapeCodeTimeout', escapeCodeTimeout);
  if (options.signal !== undefined) validateAbortSignal(options.signal, 'options.signal');
  return {
    completer, history: history.slice(), historySize, tabSize, escapeCodeTimeout,
    removeHistoryDuplicates: Boolean(options.removeHistoryDuplicates), crlfDelay: Math.max(100, crlfDelay),
  };
}

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
    Object.assign(this, settingsOf(options));
    if (this.completer !== undefined && this.completer.length !== 2) {
      const { completer } = this;
      this.completer = (text, done) => {
        Promise.resolve().then(() => completer(text)).then((found) => done(null, found), done);
      };
    }
    this.sawReturn = 0;
    this.promptText = options.prompt === undefined ? '> ' : options.prompt;
    this[kLines] = { rest: '', wasReturn: false, question: null, questionText: '', handlers: [] };
    Object.defineProperty(this, kLines, { enumerable: false });
    if (options.signal) this.#watch(options.signal);
    if (this.terminal) this.#edit();
    else this.#listen();
  }

  #watch(signal) {
    if (signal.aborted) process.nextTick(() => this.close());
    else signal.addEventListener('abort', () => this.close(), { once: true });
  }

  /** Has an editor take the keys of a terminal. */
  #edit() {
    const { Editor } = require('readline_editor');
    const editor = new Editor(this, (line) => this.#emitLine(line));
    Object.defineProperty(this, 'editor', { value: editor });
    require('readline_keys').emitKeypressEvents(this.input, this);
    const listen = (target, type, fn) => {
      target.on(type, fn);
      this[kLines].handlers.push([type, fn, target]);
    };
    listen(this.input, 'keypress', (text, key) => {
      if (!this.closed) editor.key(text, key);
    });
    listen(this.input, 'end', () => {
      if (this.line.length > 0) this.#emitLine(this.line);
      this.close();
    });
    listen(this.input, 'error', (err) => this.#failed(err));
    if (this.output && typeof this.output.on === 'function') listen(this.output, 'resize', () => editor.refresh());
    if (typeof this.input.setRawMode === 'function') this.input.setRawMode(true);
    this.input.resume();
  }

  /** An error of the input is the interface's, unless somebody else looks after the input. */
  #failed(err) {
    if (this.listenerCount('error') > 0 || this.input.listenerCount('error') < 2) this.emit('error', err);
  }

  /** Writes to the output, if there is one. */
  put(text) {
    if (this.output) this.output.write(text);
  }

  /** Where the cursor is, in rows and columns from the begin of the prompt. */
  getCursorPos() {
    const { Editor } = require('readline_editor');
    return (this.editor ?? new Editor(this)).cursor();
  }

  /** Reads the input; in the end what is left is a line too. */
  #listen() {
    const { StringDecoder } = require('string_decoder');
    if (!this.input[kDecoder]) Object.defineProperty(this.input, kDecoder, { value: new StringDecoder('utf8') });
    const decoder = this.input[kDecoder];
    const listen = (type, fn) => {
      this.input.on(type, fn);
      this[kLines].handlers.push([type, fn, this.input]);
    };
    listen('data', (chunk) => this.#take(typeof chunk === 'string' ? chunk : decoder.write(chunk)));
    listen('end', () => {
      this.#take(decoder.end());
      const { rest } = this[kLines];
      this[kLines].rest = '';
      if (rest.length > 0) this.#emitLine(rest);
      this.close();
    });
    listen('error', (err) => this.#failed(err));
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
    if (this.terminal && this.historySize > 0 && line.trim() !== '') this.#remember(line);
    this.emit('line', line);
  }

  #remember(line) {
    if (this.history[0] !== line) {
      if (this.removeHistoryDuplicates) this.history = this.history.filter((old) => old !== line);
      this.history.unshift(line);
      if (this.history.length > this.historySize) this.history.pop();
    }
    this.emit('history', this.history);
  }

  setPrompt(prompt) { this.promptText = prompt; }

  getPrompt() { return this.promptText; }

  prompt(keepCursor) {
    if (this.closed) throw new codes.ERR_USE_AFTER_CLOSE('readline');
    if (this.paused) this.resume();
    if (this.editor && process.env.TERM !== 'dumb') {
      if (!keepCursor) this.cursor = 0;
      this.editor.refresh();
      return;
    }
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
  write(data, key) {
    if (this.closed) throw new codes.ERR_USE_AFTER_CLOSE('readline');
    if (this.paused) this.resume();
    if (this.editor) {
      this.editor.key(data === null || data === undefined ? data : String(data), key);
      return;
    }
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
    for (const [type, fn, target] of this[kLines].handlers) target.removeListener(type, fn);
    if (this.terminal && typeof this.input.setRawMode === 'function') this.input.setRawMode(false);
    this.closed = true;
    this.emit('close');
  }

  [Symbol.dispose]() { this.close(); }
}
Interface.prototype[Symbol.asyncIterator] = require('readline_lines').iterate;
Object.defineProperty(Interface.prototype.question, Symbol.for('nodejs.util.promisify.custom'), {
  value: function question(query, options) {
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
  emitKeypressEvents: (...args) => require('readline_keys').emitKeypressEvents(...args),
  ...require('readline_cursor'),
};
Object.defineProperty(module.exports, 'promises', { enumerable: true, configurable: true, get: () => require('readline_promises') });
