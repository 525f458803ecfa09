/** readline.emitKeypressEvents: what a terminal sends, as events keypress(text, {sequence, name, ctrl, meta, shift}). */
const { StringDecoder } = require('string_decoder');

const TIMEOUT = 500; // milliseconds that a lone escape waits for the rest of a sequence
const kState = Symbol('keypress');

/** Names of keys by what stands between ESC and the modifiers: xterm, vt, linux console, rxvt. */
const NAMES = {
  OP: 'f1', OQ: 'f2', OR: 'f3', OS: 'f4', '[P': 'f1', '[Q': 'f2', '[R': 'f3', '[S': 'f4', '[11~': 'f1', '[12~': 'f2', '[13~': 'f3', '[14~': 'f4',
  '[[A': 'f1', '[[B': 'f2', '[[C': 'f3', '[[D': 'f4', '[[E': 'f5', '[15~': 'f5', '[17~': 'f6', '[18~': 'f7', '[19~': 'f8', '[20~': 'f9',
  '[21~': 'f10', '[23~': 'f11', '[24~': 'f12', '[A': 'up', '[B': 'down', '[C': 'right', '[D': 'left', '[E': 'clear', '[F': 'end', '[H': 'home',
  OA: 'up', OB: 'down', OC: 'right', OD: 'left', OE: 'clear', OF: 'end', OH: 'home', '[1~': 'home', '[2~': 'insert', '[3~': 'delete',
  '[4~': 'end', '[5~': 'pageup', '[6~': 'pagedown', '[[5~': 'pageup', '[[6~': 'pagedown', '[7~': 'home', '[8~': 'end', '[Z': 'tab',
  '[200~': 'paste-start', '[201~': 'paste-end',
};
/** rxvt: small letters and "$" are with shift, "O" and small letters and "^" with ctrl. */
const LETTERS = { a: 'up', b: 'down', c: 'right', d: 'left', e: 'clear' };

const SEQUENCE = /^\u001b\u001b?(O\d?[A-Za-z]|\[\[?(?:\d+(?:;\d+)*)?[A-Za-z~^$])/;
const BEGUN = /^\u001b\u001b?(?:O\d?|\[\[?(?:\d+(?:;\d*)*)?)?$/;

/** The key of an escape sequence; all is the whole text of it. */
function ofSequence(all, body) {
  const key = { sequence: all, name: undefined, ctrl: false, meta: false, shift: false };
  const parts = /^(O|\[\[?)(\d+)?(?:;(\d+))?(.)$/.exec(body);
  let modifier = 0;
  let code = body;
  if (parts) {
    const [, lead, first, second, last] = parts;
    if (second !== undefined) {
      modifier = Number(second) - 1;
      code = lead + (last === '~' ? first : '') + last;
    } else if (first !== undefined && !/[~^$]/.test(last)) {
      modifier = Number(first) - 1;
      code = lead + last;
    }
    if (last === '^' || last === '$') {
      code = lead + (first ?? '') + last;
      key.name = NAMES[`${lead}${first ?? ''}~`];
      if (last === '^') key.ctrl = true;
      else key.shift = true;
    } else if (LETTERS[last] !== undefined && first === undefined) {
      key.name = LETTERS[last];
      if (lead === 'O') key.ctrl = true;
      else key.shift = true;
    }
  }
  key.ctrl ||= Boolean(modifier & 4);
  key.meta ||= Boolean(modifier & 10);
  key.shift ||= Boolean(modifier & 1) || code === '[Z';
  key.code = code;
  key.name ??= NAMES[code] ?? 'undefined';
  return key;
}

/** The key of one character, after ESC or not. */
function ofCharacter(char, escaped) {
  const key = { sequence: (escaped ? '\u001b' : '') + char, name: undefined, ctrl: false, meta: escaped, shift: false };
  if (char === '\r') key.name = 'return';
  else if (char === '\n') key.name = 'enter';
  else if (char === '\t') key.name = 'tab';
  else if (char === '\b' || char === '\u007f') key.name = 'backspace';
  else if (char === '\u001b') key.name = 'escape';
  else if (char === ' ') key.name = 'space';
  else if (!escaped && char <= '\u001a') {
    key.name = String.fromCharCode(char.charCodeAt(0) + 96);
    key.ctrl = true;
  } else if (/^[0-9A-Za-z]$/.test(char)) {
    key.name = char.toLowerCase();
    key.shift = /[A-Z]/.test(char);
  }
  return key;
}

/** Takes keys off text, gives them to emit(text, key), and returns what may be the begin of a sequence. */
function takeKeys(text, emit) {
  let rest = text;
  while (rest.length > 0) {
    if (rest[0] !== '\u001b') {
      const char = String.fromCodePoint(rest.codePointAt(0));
      const key = ofCharacter(char, false);
      rest = rest.slice(char.length);
      emit(char, key);
      continue;
    }
    if (BEGUN.test(rest)) return rest;
    const found = SEQUENCE.exec(rest);
    if (found) {
      rest = rest.slice(found[0].length);
      emit(undefined, ofSequence(...found));
      continue;
    }
    const char = String.fromCodePoint(rest.codePointAt(1));
    rest = rest.slice(1 + char.length);
    emit(undefined, ofCharacter(char, true));
  }
  return '';
}

function emitKeypressEvents(stream, iface = undefined) {
  if (stream[kState]) {
    if (iface) stream[kState].iface = iface;
    return;
  }
  const state = { decoder: new StringDecoder('utf8'), rest: '', timer: undefined, iface };
  Object.defineProperty(stream, kState, { value: state });
  const emit = (text, key) => stream.emit('keypress', text, key);
  const late = () => {
    const { rest } = state;
    state.rest = '';
    if (rest === '\u001b' || rest === '\u001b\u001b') emit(undefined, { ...ofCharacter('\u001b', rest.length > 1), sequence: rest, meta: rest.length > 1 });
    else if (rest !== '') emit(undefined, { ...ofCharacter(rest.slice(1), true), sequence: rest });
  };
  const onData = (chunk) => {
    if (stream.listenerCount('keypress') === 0) {
      stream.removeListener('data', onData);
      stream.on('newListener', onListener);
      return;
    }
    clearTimeout(state.timer);
    const text = typeof chunk === 'string' ? chunk : state.decoder.write(chunk);
    if (text === '') return;
    state.rest = takeKeys(state.rest + text, emit);
    if (state.rest !== '') state.timer = setTimeout(late, state.iface ? state.iface.escapeCodeTimeout : TIMEOUT);
  };
  const onListener = (type) => {
    if (type !== 'keypress') return;
    stream.removeListener('newListener', onListener);
    stream.on('data', onData);
  };
  if (stream.listenerCount('keypress') > 0) stream.on('data', onData);
  else stream.on('newListener', onListener);
}

module.exports = { emitKeypressEvents, TIMEOUT };
