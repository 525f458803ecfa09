// Functions that use packages which the script imports.
import _ from 'lodash';
import dayjs from 'dayjs';
import { evaluate } from 'mathjs';
import seedrandom from 'seedrandom';
import * as zod from 'zod';
import { z } from 'zod';
import harness from './harness.js';

const { run, cases } = harness;

await cases([
  ['lodash', () => run(() => _.chunk([1, 2, 3, 4, 5], 2))],
  ['dayjs', () => run(() => dayjs('2024-02-03T00:00:00Z').add(1, 'day').toISOString())],
  ['seedrandom', () => run(() => seedrandom('x')())],
  ['zod', () => run(() => [z.string().parse('a'), zod.z.number().parse(3)])],
  ['mathjs', () => run(() => evaluate('1 + 2'))],
]);
