// The message of assert(x) shows the call, where the file can be read.
const assert = require('assert');
function show(err) {
  console.log(err.message);
  console.log(/node:assert|assert\.js/.test(err.stack.split('\n').find((line) => /^\s+at /.test(line))));
}
try { assert(1 === 2); } catch (err) { show(err); }
try { assert.ok(null || undefined); } catch (err) { show(err); }
try { assert.strict.ok([1, 2].includes(3), undefined); } catch (err) { show(err); }
try { assert.equal(assert.ok('') || 1, 1); } catch (err) { show(err); }
try { assert(typeof 'a)(' === "b\"'"); } catch (err) { show(err); }
