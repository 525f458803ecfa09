/** The line editor of readline on a terminal: what each key does to the line, and how the line is shown. */
const { stringWidth } = require('string_width');
const { cursorTo, moveCursor, clearScreenDown } = require('readline_cursor');

const WORD_LEFT = /[^\w\s]+\s*$|\w+\s*$|\s+$/;
const WORD_RIGHT = /^(?:\s+|[^\w\s]+|\w+)\s*/;

/** The characters before and after the cursor, as long as the cursor must move over them. */
const before = (text) => (text === '' ? 0 : String.fromCodePoint(text.codePointAt(text.length - 2) > 0xffff ? text.codePointAt(text.length - 2) : text.codePointAt(text.length - 1)).length);
const after = (text) => (text === '' ? 0 : String.fromCodePoint(text.codePointAt(0)).length);

class Editor {
  #rl;

  #emitLine;

  #rows = 0; // of what is shown, above the cursor

  #at = -1; // in the history; -1 is the line that is being written

  #draft = '';

  constructor(rl, emitLine) {
    this.#rl = rl;
    this.#emitLine = emitLine;
  }

  /** Rows and columns that text takes from the begin of a row on. */
  place(text) {
    const columns = this.#rl.output && this.#rl.output.columns > 0 ? this.#rl.output.columns : Infinity;
    const place = { cols: 0, rows: 0 };
    for (const char of text) {
      if (char === '\n') {
        place.rows += 1 + (place.cols === 0 ? 0 : Math.ceil(place.cols / columns) - 1 || 0);
        place.cols = 0;
        continue;
      }
      const width = char === '\t' ? this.#rl.tabSize - (place.cols % this.#rl.tabSize) : stringWidth(char);
      place.cols += width;
    }
    if (columns !== Infinity) {
      place.rows += Math.floor(place.cols / columns);
      place.cols %= columns;
    }
    return place;
  }

  cursor() { return this.place(this.#rl.getPrompt() + this.#rl.line.slice(0, this.#rl.cursor)); }

  /** Shows prompt and line anew. */
  refresh() {
    const { output } = this.#rl;
    const text = this.#rl.getPrompt() + this.#rl.line;
    const end = this.place(text);
    const cursor = this.cursor();
    if (this.#rows > 0) moveCursor(output, 0, -this.#rows);
    cursorTo(output, 0);
    clearScreenDown(output);
    this.#rl.put(text);
    if (end.cols === 0 && text !== '') this.#rl.put(' ');
    cursorTo(output, cursor.cols);
    if (end.rows > cursor.rows) moveCursor(output, 0, cursor.rows - end.rows);
    this.#rows = cursor.rows;
  }

  #set(line, cursor) {
    this.#rl.line = line;
    this.#rl.cursor = cursor;
    this.refresh();
  }

  #insert(text) {
    const { line, cursor } = this.#rl;
    if (cursor < line.length) {
      this.#set(line.slice(0, cursor) + text + line.slice(cursor), cursor + text.length);
      return;
    }
    this.#rl.line += text;
    this.#rl.cursor += text.length;
    if (this.cursor().cols === 0) this.refresh();
    else this.#rl.put(text);
  }

  #remove(from, to) {
    const { line } = this.#rl;
    if (from < to) this.#set(line.slice(0, from) + line.slice(to), from);
  }

  #move(to) {
    this.#rl.cursor = Math.max(0, Math.min(this.#rl.line.length, to));
    this.refresh();
  }

  /** The line is done. */
  enter() {
    const rl = this.#rl;
    const { line } = rl;
    if (rl.cursor < line.length) this.#move(line.length);
    rl.put('\r\n');
    rl.line = '';
    rl.cursor = 0;
    this.#rows = 0;
    this.#at = -1;
    this.#emitLine(line);
  }

  #history(step) {
    const { history, line } = this.#rl;
    if (step > 0 ? this.#at >= history.length : this.#at < 0) return;
    if (this.#at === -1) this.#draft = line;
    let to = this.#at + step;
    // Only lines that begin as the draft does; beyond both ends stands the draft.
    while (to >= 0 && to < history.length && (!history[to].startsWith(this.#draft) || history[to] === line)) to += step;
    this.#at = to;
    const text = history[to] ?? this.#draft;
    this.#set(text, text.length);
  }

  /** Asks the completer about what stands before the cursor. */
  #complete() {
    const rl = this.#rl;
    rl.pause();
    const start = rl.line.slice(0, rl.cursor);
    const done = (err, found) => {
      rl.resume();
      if (err || !found || found[0].length === 0) return;
      const [list, part] = found;
      const common = list.reduce((a, b) => { let i = 0; while (i < a.length && a[i] === b[i]) i += 1; return a.slice(0, i); });
      if (common.length > part.length) {
        this.#insert(common.slice(part.length));
        return;
      }
      if (list.length > 1) {
        rl.put(`\r\n${list.join('  ')}\r\n\r\n`);
        this.#rows = 0;
      }
      this.refresh();
    };
    rl.completer(start, done);
  }

  #control(name) {
    const rl = this.#rl;
    switch (name) {
      case 'c':
        if (rl.listenerCount('SIGINT') > 0) rl.emit('SIGINT');
        else rl.close();
        break;
      case 'd':
        if (rl.cursor === 0 && rl.line === '') rl.close();
        else this.#remove(rl.cursor, rl.cursor + after(rl.line.slice(rl.cursor)));
        break;
      case 'h': this.#remove(rl.cursor - before(rl.line.slice(0, rl.cursor)), rl.cursor); break;
      case 'u': this.#remove(0, rl.cursor); break;
      case 'k': this.#remove(rl.cursor, rl.line.length); break;
      case 'a': this.#move(0); break;
      case 'e': this.#move(rl.line.length); break;
      case 'b': this.#move(rl.cursor - before(rl.line.slice(0, rl.cursor))); break;
      case 'f': this.#move(rl.cursor + after(rl.line.slice(rl.cursor))); break;
      case 'l':
        cursorTo(rl.output, 0, 0);
        clearScreenDown(rl.output);
        this.#rows = 0;
        this.refresh();
        break;
      case 'n': this.#history(-1); break;
      case 'p': this.#history(1); break;
      case 'w':
      case 'backspace': this.#wordLeft(true); break;
      case 'delete': this.#wordRight(true); break;
      case 'left': this.#wordLeft(false); break;
      case 'right': this.#wordRight(false); break;
      default:
    }
  }

  #wordLeft(remove) {
    const { line, cursor } = this.#rl;
    const to = cursor - (WORD_LEFT.exec(line.slice(0, cursor))?.[0].length ?? 0);
    if (remove) this.#remove(to, cursor);
    else this.#move(to);
  }

  #wordRight(remove) {
    const { line, cursor } = this.#rl;
    const to = cursor + (WORD_RIGHT.exec(line.slice(cursor))?.[0].length ?? 0);
    if (remove) this.#remove(cursor, to);
    else this.#move(to);
  }

  #meta(name) {
    if (name === 'b') this.#wordLeft(false);
    else if (name === 'f') this.#wordRight(false);
    else if (name === 'd' || name === 'delete') this.#wordRight(true);
    else if (name === 'backspace') this.#wordLeft(true);
  }

  /** One key; text is what it writes. */
  key(text, key = {}) {
    const rl = this.#rl;
    if (key.name === 'escape') return;
    if (key.ctrl && !key.meta) {
      this.#control(key.name);
      return;
    }
    if (key.meta) {
      this.#meta(key.name);
      return;
    }
    switch (key.name) {
      case 'return':
        rl.sawReturn = Date.now();
        this.enter();
        break;
      case 'enter':
        if (rl.sawReturn === 0 || Date.now() - rl.sawReturn > rl.crlfDelay) this.enter();
        rl.sawReturn = 0;
        break;
      case 'backspace': this.#control('h'); break;
      case 'delete': this.#remove(rl.cursor, rl.cursor + after(rl.line.slice(rl.cursor))); break;
      case 'left': this.#control('b'); break;
      case 'right': this.#control('f'); break;
      case 'home': this.#move(0); break;
      case 'end': this.#move(rl.line.length); break;
      case 'up': this.#history(1); break;
      case 'down': this.#history(-1); break;
      case 'tab':
        if (typeof rl.completer === 'function') {
          this.#complete();
          break;
        }
        this.#insert('\t');
        break;
      default:
        if (typeof text === 'string' && text !== '') this.#type(text);
    }
  }

  #type(text) {
    const parts = text.split(/\r\n|\n|\r/);
    parts.forEach((part, i) => {
      if (i > 0) this.enter();
      if (part !== '') this.#insert(part);
    });
  }
}

module.exports = { Editor };
