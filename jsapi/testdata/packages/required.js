// Functions that use packages which the script requires.
const _ = require('lodash'), dayjs = require('dayjs'), math = require('mathjs'), seedrandom = require('seedrandom');
const { z } = require('zod'), { chunk } = _;
const { run, cases } = require('./harness');

cases([
  ['lodash', () => run(() => [_.chunk([1, 2, 3, 4, 5], 2), _.sortBy([3, 1, 2]), _.camelCase('foo bar')])],
  ['lodash, one function', () => run((xs) => chunk(xs, 2), [1, 2, 3])],
  ['dayjs', () => run(() => dayjs('2024-02-03T00:00:00Z').add(1, 'day').toISOString())],
  ['seedrandom', () => run(() => seedrandom('x')())],
  ['zod', () => run(() => z.object({ a: z.string() }).safeParse({ a: 1 }).success)],
  ['mathjs', () => run(() => [math.evaluate('sqrt(3^2 + 4^2)'), math.derivative('x^2', 'x').toString(), math.det([[1, 2], [3, 4]])])],
]);
