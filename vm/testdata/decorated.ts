// Classes with decorators: standard ones, which node cannot run, and what each must give.
(() => {
  const list = [];
  const add = (name, want, fn) => list.push([name, want, fn]);

  add('class and members', '["class A","method m","field f","accessor acc","getter g","setter g","static method s",2,"value 1!",8,"A"]', () => {
    const seen = [];
    const note = (kind) => (v, c) => { seen.push((c.static ? 'static ' : '') + c.kind + ' ' + c.name); };
    const dec = (v, c) => { seen.unshift(c.kind + ' ' + c.name); };
    @dec class A {
      @((v, c) => { seen.push(c.kind + ' ' + c.name); return function (x) { return v.call(this, x) + 1; }; }) m(x) { return x; }
      @((v, c) => (seen.push(c.kind + ' ' + c.name), (x) => x + '!')) f = 'value 1';
      @((v, c) => (seen.push(c.kind + ' ' + c.name), { get() { return v.get.call(this) * 2; }, init: (x) => x + 1 })) accessor acc = 3;
      @note('') get g() { return 1; }
      @note('') set g(v) {}
      @note('') static s() {}
    }
    const a = new A();
    const order = ['class A', 'method m', 'field f', 'accessor acc', 'getter g', 'setter g', 'static method s'];
    return [...order.filter((x) => seen.includes(x)), a.m(1), a.f, a.acc, A.name];
  });
  add('class replaced', '["B",1]', () => {
    const dec = (C) => class B extends C { x = 1; };
    @dec class A {}
    return [A.name, new A().x];
  });
  add('private members', '[3,"p",true,false]', () => {
    let access;
    const dec = (v, c) => { access ??= c.access; };
    const twice = (v) => function () { return v.call(this) * 3; };
    class A {
      @dec #p = 'p';
      @twice #q() { return 1; }
      q() { return this.#q(); }
    }
    const a = new A();
    return [a.q(), access.get(a), access.has(a), access.has({})];
  });
  add('initializers', '["static","instance","made"]', () => {
    const out = [];
    const init = (text) => (v, c) => { c.addInitializer(function () { out.push(text); }); };
    class A { @init('instance') m() {} @init('static') static s() {} constructor() { out.push('made'); } }
    new A();
    return out;
  });
  add('late initializer', '"TypeError"', () => {
    let context;
    class A { @((v, c) => { context = c; }) m() {} }
    try { context.addInitializer(() => {}); } catch (e) { return e.name; }
  });
  add('metadata', '{"k":["m","f"]}', () => {
    const meta = (v, c) => { (c.metadata.k ??= []).push(c.name); };
    class A { @meta m() {} @meta f = 1; }
    return { ...A[Symbol.metadata ?? Symbol.for('Symbol.metadata')] };
  });
  return list;
})()
