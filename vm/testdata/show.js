// Returns a text that two engines give for equal values.
(function show(v) {
  switch (typeof v) {
    case 'undefined': return 'undefined';
    case 'number': return Object.is(v, -0) ? '-0' : String(v);
    case 'bigint': return v + 'n';
    case 'string': return JSON.stringify(v);
    case 'function': return 'function ' + show(v(9, 9));
    case 'object':
      if (v === null) return 'null';
      if (v instanceof Error) return v.name + ': ' + v.message;
      if (v instanceof RegExp) return String(v);
      if (Array.isArray(v)) return '[' + v.map(show).join() + ']';
      if (typeof v.next === 'function') return 'generator [' + [...v].map(show).join() + ']';
      return '{' + Object.keys(v).map((k) => k + ':' + show(v[k])).join() + '}';
  }
  return String(v);
})
