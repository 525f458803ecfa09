/** util.getSystemErrorName and getSystemErrorMap: errors of the operating system by number. */
const { codes } = require('errors');
const { validateNumber } = require('validators');

let map;

/** number → [code, text] */
function getSystemErrorMap() {
  map ??= new Map((binding ? binding.errors() : []).map(([number, code, text]) => [number, [code, text]]));
  return map;
}

function getSystemErrorName(number) {
  validateNumber(number, 'err');
  if (number >= 0 || !Number.isSafeInteger(number)) throw new codes.ERR_OUT_OF_RANGE('err', 'a negative integer', number);
  const found = getSystemErrorMap().get(number);
  return found ? found[0] : `Unknown system error ${number}`;
}

module.exports = { getSystemErrorMap, getSystemErrorName };
