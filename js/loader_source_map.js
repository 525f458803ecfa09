// The class SourceMap of the module "module": where in its sources each place of a compiled text comes from
// (https://tc39.es/ecma426/). The value of this file is the class.
(function () {
  'use strict';
  const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

  function invalid(name, want, value) {
    const shown = typeof value === 'string' ? `'${value}'` : String(value);
    const got = value === undefined || value === null ? shown
      : typeof value === 'function' ? `function ${value.name}` : `type ${typeof value} (${shown})`;
    const err = new TypeError(`The "${name}" argument must be of type ${want}. Received ${got}`);
    err.code = 'ERR_INVALID_ARG_TYPE';
    return err;
  }

  /** The numbers of one segment of the mappings. */
  function numbers(segment) {
    const list = [];
    let value = 0;
    let factor = 1;
    for (const c of segment) {
      const digit = DIGITS.indexOf(c);
      value += (digit & 31) * factor;
      factor *= 32;
      if (digit & 32) continue;
      list.push(value % 2 ? -(value - 1) / 2 : value / 2);
      value = 0;
      factor = 1;
    }
    return list;
  }

  /** Entries of one map, whose generated places are moved by (line, column). */
  function entriesOf(map, line, column) {
    const entries = [];
    let source = 0;
    let fromLine = 0;
    let fromColumn = 0;
    let name = 0;
    map.mappings.split(';').forEach((text, row) => {
      let at = row === 0 ? column : 0;
      for (const segment of text === '' ? [] : text.split(',')) {
        const [step, ds, dl, dc, dn] = numbers(segment);
        at += step;
        if (ds === undefined) {
          entries.push([line + row, at]);
          continue;
        }
        source += ds;
        fromLine += dl;
        fromColumn += dc;
        const entry = [line + row, at, map.sources[source], fromLine, fromColumn];
        if (dn !== undefined) {
          name += dn;
          entry.push(map.names[name]);
        }
        entries.push(entry);
      }
    });
    return entries;
  }

  return class SourceMap {
    #payload;
    #entries;
    #lineLengths;

    /**
     * @param {object} payload a source map, version 3
     * @param {{lineLengths?: number[]}} [options] the length of each line of the compiled text
     */
    constructor(payload, { lineLengths } = {}) {
      if (typeof payload !== 'object' || payload === null) throw invalid('payload', 'object', payload);
      this.#payload = JSON.parse(JSON.stringify(payload));
      const parts = payload.sections ?? [{ map: payload, offset: { line: 0, column: 0 } }];
      this.#entries = parts.flatMap(({ map, offset }) => entriesOf(map, offset.line, offset.column))
        .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      this.#lineLengths = lineLengths === undefined ? undefined : [...lineLengths];
    }

    get payload() { return JSON.parse(JSON.stringify(this.#payload)); }

    get lineLengths() { return this.#lineLengths === undefined ? undefined : [...this.#lineLengths]; }

    /** The last entry at or before a place, both of whose numbers count from 0; {} if there is none. */
    findEntry(lineOffset, columnOffset) {
      let low = 0;
      let high = this.#entries.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        const [line, column] = this.#entries[middle];
        if (line < lineOffset || (line === lineOffset && column <= columnOffset)) low = middle + 1;
        else high = middle;
      }
      const entry = this.#entries[low - 1];
      if (entry === undefined) return {};
      const [generatedLine, generatedColumn, originalSource, originalLine, originalColumn, name] = entry;
      return { generatedLine, generatedColumn, originalSource, originalLine, originalColumn, name };
    }

    /** The same of numbers that count from 1, moved on by the distance from the entry. */
    findOrigin(lineNumber, columnNumber) {
      const entry = this.findEntry(lineNumber - 1, columnNumber - 1);
      if (entry.originalSource === undefined || entry.originalLine === undefined || entry.originalColumn === undefined) return {};
      return {
        name: entry.name, fileName: entry.originalSource,
        lineNumber: lineNumber + entry.originalLine - entry.generatedLine,
        columnNumber: columnNumber + entry.originalColumn - entry.generatedColumn,
      };
    }
  };
})()
