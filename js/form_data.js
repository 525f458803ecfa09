/** FormData: names and values of a form, in order: https://xhr.spec.whatwg.org/#interface-formdata */
const { codes } = require('errors');
const { File, isBlob } = require('blob');
const { kInspect } = require('webstreams_state');

/** An entry's value: text, or a File. */
function valueOf(value, filename, given) {
  if (!isBlob(value)) {
    if (given) throw new TypeError("Failed to execute 'append' on 'FormData': parameter 2 is not of type 'Blob'");
    return `${value}`.toWellFormed?.() ?? `${value}`;
  }
  if (value instanceof File && !given) return value;
  return new File([value], given ? `${filename}` : 'blob', { type: value.type, lastModified: value.lastModified });
}

class FormData {
  #entries = [];

  constructor(form = undefined) {
    if (form !== undefined) throw new codes.ERR_INVALID_ARG_TYPE('form', 'undefined', form);
  }

  append(name, value, filename = undefined) {
    if (arguments.length < 2) throw new codes.ERR_MISSING_ARGS('name', 'value');
    this.#entries.push([`${name}`, valueOf(value, filename, arguments.length > 2)]);
  }

  delete(name) { this.#entries = this.#entries.filter(([key]) => key !== `${name}`); }
  get(name) { return this.#entries.find(([key]) => key === `${name}`)?.[1] ?? null; }
  getAll(name) { return this.#entries.filter(([key]) => key === `${name}`).map(([, value]) => value); }
  has(name) { return this.#entries.some(([key]) => key === `${name}`); }

  set(name, value, filename = undefined) {
    if (arguments.length < 2) throw new codes.ERR_MISSING_ARGS('name', 'value');
    const entry = [`${name}`, valueOf(value, filename, arguments.length > 2)];
    const at = this.#entries.findIndex(([key]) => key === entry[0]);
    if (at < 0) {
      this.#entries.push(entry);
      return;
    }
    this.#entries[at] = entry;
    this.#entries = this.#entries.filter(([key], i) => i <= at || key !== entry[0]);
  }

  forEach(callback, thisArg = undefined) {
    for (const [name, value] of this) callback.call(thisArg, value, name, this);
  }

  * entries() { for (const [name, value] of this.#entries) yield [name, value]; }
  * keys() { for (const [name] of this.#entries) yield name; }
  * values() { for (const [, value] of this.#entries) yield value; }

  [kInspect](depth, options, show) { return `FormData ${show(Object.fromEntries(this.#entries), options)}`; }
}
Object.defineProperty(FormData.prototype, Symbol.iterator, { value: FormData.prototype.entries, configurable: true, writable: true });
Object.defineProperty(FormData.prototype, Symbol.toStringTag, { value: 'FormData', configurable: true });

module.exports = { FormData };
