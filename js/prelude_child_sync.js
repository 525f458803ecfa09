/** spawnSync, execFileSync and execSync of a task: both outputs are read by turns, as they come. */
const { Buffer } = require('buffer');

exports.make = ({ parse, request, run, failed, CHUNK }) => {
  const maxInput = CHUNK; // what a pipe holds: more might wait for ever for a program that writes first

  function* steps(call) {
    const { input, maxBuffer = 1024 * 1024, timeout = 0, killSignal = 'SIGTERM' } = call.options;
    const bytes = input === undefined ? Buffer.alloc(0) : Buffer.from(input);
    if (bytes.length > maxInput) throw new RangeError(`input of ${bytes.length} bytes, limit ${maxInput} in a task: use spawn, and write to its stdin`);
    const [handle, pid, stdin, stdout, stderr] = yield request(call);
    if (bytes.length > 0) yield ['send', stdin, bytes];
    yield ['close', stdin];
    const out = [[], []];
    let [size, error] = [0, undefined];
    const end = timeout > 0 ? Date.now() + timeout : Infinity;
    for (let open = 2; open > 0;) {
      const left = end === Infinity ? -1 : Math.max(end - Date.now(), 0);
      const [which, part] = yield ['recvAny', stdout, stderr, left];
      if (which === -1) {
        error = Object.assign(new Error(`spawnSync ${call.file} ETIMEDOUT`), { code: 'ETIMEDOUT', syscall: `spawnSync ${call.file}` });
        yield ['kill', handle, killSignal];
        break;
      }
      if (part.length === 0) { open--; continue; }
      out[which].push(part);
      size += part.length;
      if (size > maxBuffer) {
        error = Object.assign(new Error(`spawnSync ${call.file} ENOBUFS`), { code: 'ENOBUFS', syscall: `spawnSync ${call.file}` });
        yield ['kill', handle, 'SIGKILL'];
        break;
      }
    }
    const [status, signal] = yield ['wait', handle];
    for (const h of [stdout, stderr, handle]) yield ['close', h];
    return { pid, status, signal, error, outputs: out.map((list) => Buffer.concat(list)) };
  }

  function spawnSync(...args) {
    const call = parse(...args);
    let result;
    try {
      result = run(steps(call));
    } catch (err) {
      if (err.code !== 'ENOENT' && err.code !== 'EACCES') throw err;
      return { pid: 0, output: null, stdout: null, stderr: null, status: null, signal: null, error: err };
    }
    const { encoding } = call.options;
    const [stdout, stderr] = result.outputs.map((b) => (encoding && encoding !== 'buffer' ? b.toString(encoding) : b));
    const { pid, status, signal, error } = result;
    return { pid, output: [null, stdout, stderr], stdout, stderr, status, signal, ...(error && { error }) };
  }

  function checked(args) {
    const call = parse(...args);
    const result = spawnSync(...args);
    if (result.error || result.status !== 0) {
      throw Object.assign(result.error ?? failed(call, result.status, result.signal, String(result.stderr)), result);
    }
    return result.stdout;
  }

  return {
    spawnSync,
    execFileSync: (...args) => checked(args),
    execSync: (command, options) => checked([command, [], { ...options, shell: options?.shell ?? true }]),
  };
};
