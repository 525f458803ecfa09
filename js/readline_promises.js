/** The module "readline/promises". */
const { Interface: Base } = require('readline');
const { promisify } = require('util_promisify');

class Interface extends Base {
  /** A promise for the answer. */
  question(query, options) {
    return Reflect.apply(Base.prototype.question[promisify.custom], { question: (...args) => super.question(...args) }, [query, options]);
  }
}

module.exports = { Interface, createInterface: (...args) => new Interface(...args) };
