/** stream.compose: several streams as one duplex, written at the first, read at the last. */
const { codes, AbortError } = require('errors');
const kinds = require('stream_kinds');
const Duplex = require('stream_duplex');
const { destroyer } = require('stream_destroy');

function checked(given) {
  const streams = [...given];
  if (typeof streams[0] === 'function') streams[0] = require('stream_duplexify').duplexify(streams[0]);
  const last = streams.length - 1;
  if (typeof streams[last] === 'function') streams[last] = require('stream_duplexify').duplexify(streams[last]);
  for (let i = 0; i < streams.length; i++) {
    if (!kinds.isNode(streams[i]) && !kinds.isWebStream(streams[i])) continue;
    const readable = kinds.isReadable(streams[i]) || kinds.isReadableStream(streams[i]) || kinds.isTransformStream(streams[i]);
    const writable = kinds.isWritable(streams[i]) || kinds.isWritableStream(streams[i]) || kinds.isTransformStream(streams[i]);
    if (i < last && !readable) throw new codes.ERR_INVALID_ARG_VALUE(`streams[${i}]`, given[i], 'must be readable');
    if (i > 0 && !writable) throw new codes.ERR_INVALID_ARG_VALUE(`streams[${i}]`, given[i], 'must be writable');
  }
  return streams;
}

function compose(...given) {
  if (given.length === 0) throw new codes.ERR_MISSING_ARGS('streams');
  if (given.length === 1) return require('stream_duplexify').duplexify(given[0]);
  const streams = checked(given);
  let ondrain;
  let onfinish;
  let onreadable;
  let onclose;
  const finish = (err) => {
    const callback = onclose;
    onclose = null;
    if (callback) callback(err);
    else if (err) duplex.destroy(err);
    else if (!readable && !writable) duplex.destroy();
  };
  const head = streams[0];
  const tail = require('stream_pipeline').pipeline(...streams, finish);
  const writable = Boolean(kinds.isWritable(head) || kinds.isWritableStream(head) || kinds.isTransformStream(head));
  const readable = Boolean(kinds.isReadable(tail) || kinds.isReadableStream(tail) || kinds.isTransformStream(tail));
  const duplex = new Duplex({
    writableObjectMode: Boolean(head && head.writableObjectMode),
    readableObjectMode: Boolean(tail && tail.readableObjectMode),
    writable,
    readable,
  });
  if (writable) {
    if (!kinds.isNode(head)) throw new codes.ERR_INVALID_ARG_TYPE('streams[0]', ['Stream', 'Function'], head);
    duplex._write = (chunk, encoding, callback) => {
      if (head.write(chunk, encoding)) callback();
      else ondrain = callback;
    };
    duplex._final = (callback) => {
      head.end();
      onfinish = callback;
    };
    head.on('drain', () => {
      const callback = ondrain;
      ondrain = null;
      if (callback) callback();
    });
    const settle = () => {
      const callback = onfinish;
      onfinish = null;
      if (callback) callback();
    };
    require('stream_finished').finished(tail, settle);
  }
  if (readable) {
    const source = kinds.isNode(tail) ? tail : require('stream_readable').from(tail.readable || tail);
    source.on('readable', () => {
      const callback = onreadable;
      onreadable = null;
      if (callback) callback();
    });
    source.on('end', () => duplex.push(null));
    duplex._read = () => {
      while (true) {
        const chunk = source.read();
        if (chunk === null) {
          onreadable = duplex._read;
          return;
        }
        if (!duplex.push(chunk)) return;
      }
    };
  }
  duplex._destroy = (given_, callback) => {
    let err = given_;
    if (!err && onclose !== null) err = new AbortError();
    onreadable = null;
    ondrain = null;
    onfinish = null;
    if (kinds.isNode(tail)) destroyer(tail, err);
    if (onclose === null) {
      callback(err);
    } else {
      onclose = callback;
    }
  };
  return duplex;
}

module.exports = { compose };
