/** util.parseArgs: options and positionals of a command line. */
const { codes } = require('errors');
const { validateArray, validateBoolean, validateObject, validateString } = require('validators');

const hasOwn = (object, key) => Object.prototype.hasOwnProperty.call(object, key);

function checkConfig(options) {
  for (const [name, option] of Object.entries(options)) {
    validateObject(option, `options.${name}`);
    if (option.type !== 'string' && option.type !== 'boolean') {
      throw new codes.ERR_INVALID_ARG_TYPE(`options.${name}.type`, "('string|boolean')", option.type);
    }
    if (hasOwn(option, 'short')) {
      validateString(option.short, `options.${name}.short`);
      if (option.short.length !== 1) throw new codes.ERR_INVALID_ARG_VALUE(`options.${name}.short`, option.short, 'must be a single character');
    }
    if (hasOwn(option, 'multiple')) validateBoolean(option.multiple, `options.${name}.multiple`);
    if (option.default === undefined) continue;
    const check = option.type === 'string' ? validateString : validateBoolean;
    if (option.multiple) {
      validateArray(option.default, `options.${name}.default`);
      option.default.forEach((value, i) => check(value, `options.${name}.default[${i}]`));
    } else check(option.default, `options.${name}.default`);
  }
}

/** Splits args into tokens of kind option, positional and option-terminator. */
function tokenize(args, options) {
  const byShort = (short) => Object.keys(options).find((name) => options[name].short === short) || short;
  const isString = (name) => hasOwn(options, name) && options[name].type === 'string';
  const tokens = [];
  const queue = args.map((arg, index) => ({ arg, index, grouped: false }));
  const takeValue = () => {
    const next = queue[0];
    return next !== undefined && !next.grouped ? queue.shift().arg : undefined;
  };
  while (queue.length > 0) {
    const { arg, index } = queue.shift();
    if (arg === '--') {
      tokens.push({ kind: 'option-terminator', index });
      for (const rest of queue) tokens.push({ kind: 'positional', index: rest.index, value: rest.arg });
      break;
    }
    const push = (name, rawName, value, inlineValue) => tokens.push({ kind: 'option', name, rawName, index, value, inlineValue });
    if (/^-[^-]$/.test(arg)) {
      const name = byShort(arg[1]);
      const value = isString(name) && queue.length > 0 ? takeValue() : undefined;
      push(name, arg, value, value === undefined ? undefined : false);
    } else if (/^-[^-]./.test(arg)) {
      const name = byShort(arg[1]);
      if (isString(name)) push(name, `-${arg[1]}`, arg.slice(2), true);
      else {
        // -abc is -a -b -c, up to the first that takes a value.
        const rest = [];
        for (let i = 1; i < arg.length; i++) {
          const short = byShort(arg[i]);
          if (!isString(short) || i === arg.length - 1) rest.push(`-${arg[i]}`);
          else {
            rest.push(`-${arg.slice(i)}`);
            break;
          }
        }
        queue.unshift(...rest.map((one) => ({ arg: one, index, grouped: false })));
      }
    } else if (/^--[^=]+$/.test(arg)) {
      const name = arg.slice(2);
      const value = isString(name) && queue.length > 0 ? takeValue() : undefined;
      push(name, arg, value, value === undefined ? undefined : false);
    } else if (/^--[^=]+=/.test(arg)) {
      const at = arg.indexOf('=');
      push(arg.slice(2, at), arg.slice(0, at), arg.slice(at + 1), true);
    } else {
      tokens.push({ kind: 'positional', index, value: arg });
    }
  }
  return tokens;
}

function checkToken(token, options, allowPositionals) {
  if (!hasOwn(options, token.name)) throw new codes.ERR_PARSE_ARGS_UNKNOWN_OPTION(token.rawName, allowPositionals);
  const option = options[token.name];
  const shown = `${option.short ? `-${option.short}, ` : ''}--${token.name}`;
  if (option.type === 'string' && typeof token.value !== 'string') {
    throw new codes.ERR_PARSE_ARGS_INVALID_OPTION_VALUE(`Option '${shown} <value>' argument missing`);
  }
  if (option.type === 'boolean' && token.value !== undefined) {
    throw new codes.ERR_PARSE_ARGS_INVALID_OPTION_VALUE(`Option '${shown}' does not take an argument`);
  }
  if (token.inlineValue === false && token.value.length > 1 && token.value[0] === '-') {
    const example = token.rawName.startsWith('--') ? `'${token.rawName}=-XYZ'` : `'--${token.name}=-XYZ' or '${token.rawName}-XYZ'`;
    throw new codes.ERR_PARSE_ARGS_INVALID_OPTION_VALUE(`Option '${token.rawName}' argument is ambiguous.\n`
      + `Did you forget to specify the option argument for '${token.rawName}'?\nTo specify an option argument starting with a dash use ${example}.`);
  }
}

function store(values, name, value, options) {
  if (name === '__proto__') return;
  const stored = value === undefined ? true : value;
  if (options[name] && options[name].multiple) (values[name] ??= []).push(stored);
  else values[name] = stored;
}

/** @param {{args, options, strict, allowPositionals, tokens}} [config] */
function parseArgs(config = {}) {
  validateObject(config, 'config');
  const { args = process.argv.slice(2), options = {}, strict = true, tokens: wanted = false } = config;
  const { allowPositionals = !strict } = config;
  validateArray(args, 'args');
  validateBoolean(strict, 'strict');
  validateBoolean(allowPositionals, 'allowPositionals');
  validateObject(options, 'options');
  checkConfig(options);
  const result = { values: Object.create(null), positionals: [] };
  const tokens = tokenize(args, options);
  if (wanted) result.tokens = tokens;
  for (const token of tokens) {
    if (token.kind === 'option') {
      if (strict) checkToken(token, options, allowPositionals);
      store(result.values, token.name, token.value, options);
    } else if (token.kind === 'positional') {
      if (!allowPositionals) throw new codes.ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL(token.value);
      result.positionals.push(token.value);
    }
  }
  for (const [name, option] of Object.entries(options)) {
    if (option.default !== undefined && result.values[name] === undefined) result.values[name] = option.default;
  }
  return result;
}

module.exports = { parseArgs };
