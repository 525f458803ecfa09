// Reads lines of JSON, each [query, document], and prints for each whether npm's sift finds that the query holds:
// true, false, or the message of the error.
'use strict';

const sift = require('sift').default;
const { createInterface } = require('node:readline');

createInterface({ input: process.stdin }).on('line', (line) => {
  const [query, document] = JSON.parse(line);
  let answer;
  try {
    answer = sift(query)(document);
  } catch (err) {
    answer = err.message;
  }
  console.log(JSON.stringify(answer));
});
