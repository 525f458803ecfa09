// The numbers of task.seed: those of ChaCha8Rand (https://c2sp.org/chacha8rand), as our own engine makes them, so that a
// seed gives the same numbers wherever a task runs.
'use strict';

const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];

/** Words of 32 bits that one refill gives, of which the last eight of every fourth become the next key. */
const WORDS = 256;
const KEY_WORDS = 8;

const rotate = (x, n) => (x << n) | (x >>> (32 - n));

function quarter(s, a, b, c, d) {
  s[a] += s[b]; s[d] = rotate(s[d] ^ s[a], 16);
  s[c] += s[d]; s[b] = rotate(s[b] ^ s[c], 12);
  s[a] += s[b]; s[d] = rotate(s[d] ^ s[a], 8);
  s[c] += s[d]; s[b] = rotate(s[b] ^ s[c], 7);
}

/** Four blocks of ChaCha with eight rounds, their words interleaved. */
function blocks(key, counter, out) {
  const s = new Uint32Array(16);
  for (let lane = 0; lane < 4; lane++) {
    s.set(CONSTANTS);
    s.set(key, 4);
    s.fill(0, 12);
    s[12] = counter + lane;
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 4; i++) quarter(s, i, 4 + i, 8 + i, 12 + i);
      for (let i = 0; i < 4; i++) quarter(s, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
    }
    for (let i = 0; i < 16; i++) out[4 * i + lane] = i >= 4 && i < 12 ? s[i] + key[i - 4] : s[i];
  }
}

/**
 * @param {Uint8Array} seed 32 bytes
 * @returns {function(): number} numbers from 0 to 1, in place of Math.random
 */
exports.seeded = function seeded(seed) {
  const key = new Uint32Array(8);
  for (let i = 0; i < 8; i++) key[i] = seed[4 * i] | seed[4 * i + 1] << 8 | seed[4 * i + 2] << 16 | seed[4 * i + 3] << 24;
  const words = new Uint32Array(64);
  let counter = 0;
  let at = 0;
  let end = 64;
  blocks(key, 0, words);
  const refill = () => {
    counter += 4;
    if (counter === 4 * (WORDS / 64)) {
      key.set(words.subarray(64 - KEY_WORDS));
      counter = 0;
    }
    blocks(key, counter, words);
    at = 0;
    end = counter === 12 ? 64 - KEY_WORDS : 64;
  };
  return () => {
    if (at === end) refill();
    const low = words[at];
    const high = words[at + 1] & 0x1fffff; // 53 bits in all
    at += 2;
    return (high * 0x100000000 + low) / 0x20000000000000;
  };
};
