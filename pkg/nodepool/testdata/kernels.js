// Functions that do nothing but compute; each is called with the number beside it.
({
  mandelbrot: [function mandelbrot(n) {
    let inside = 0;
    for (let y = 0; y < n; y++) {
      for (let x = 0; x < n; x++) {
        const cr = 3 * x / n - 2, ci = 2 * y / n - 1;
        let zr = 0, zi = 0, i = 0;
        for (; i < 100 && zr * zr + zi * zi < 4; i++) [zr, zi] = [zr * zr - zi * zi + cr, 2 * zr * zi + ci];
        if (i === 100) inside++;
      }
    }
    return inside;
  }, 300],
  nbody: [function nbody(steps) {
    const bodies = Array.from({ length: 5 }, (_, i) => ({ x: i, y: i * i % 3, z: i % 2, vx: 0, vy: i / 10, vz: 0, m: 1 / (i + 1) }));
    for (let s = 0; s < steps; s++) {
      for (let i = 0; i < 5; i++) {
        for (let j = i + 1; j < 5; j++) {
          const a = bodies[i], b = bodies[j];
          const dx = a.x - b.x, dy = a.y - b.y, dz = a.z - b.z;
          const d2 = dx * dx + dy * dy + dz * dz + 0.01, mag = 0.001 / (d2 * Math.sqrt(d2));
          a.vx -= dx * b.m * mag; a.vy -= dy * b.m * mag; a.vz -= dz * b.m * mag;
          b.vx += dx * a.m * mag; b.vy += dy * a.m * mag; b.vz += dz * a.m * mag;
        }
      }
      for (const b of bodies) { b.x += 0.001 * b.vx; b.y += 0.001 * b.vy; b.z += 0.001 * b.vz; }
    }
    return bodies.reduce((e, b) => e + b.m * (b.vx * b.vx + b.vy * b.vy + b.vz * b.vz) / 2, 0);
  }, 200000],
  sieve: [function sieve(n) {
    const composite = new Uint8Array(n + 1);
    let count = 0;
    for (let i = 2; i <= n; i++) {
      if (composite[i]) continue;
      count++;
      for (let j = i * i; j <= n; j += i) composite[j] = 1;
    }
    return count;
  }, 3000000],
  fib: [function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }, 30],
  integers: [function integers(n) {
    let h = 0;
    for (let i = 0; i < n; i++) h = (Math.imul(h ^ i, 0x9e3779b1) >>> 15) ^ (h << 3);
    return h >>> 0;
  }, 20000000],
  small: [function small(n) { let s = 0; for (let i = 0; i < n; i++) s += i; return s; }, 10],
})
