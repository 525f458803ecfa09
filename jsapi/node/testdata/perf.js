// Marks, measures, observers, histograms and timerify of perf_hooks.
const { performance, PerformanceObserver, createHistogram, PerformanceMark } = require('perf_hooks');

const mark = performance.mark('begin', { startTime: 10, detail: { a: 1 } });
performance.mark('end', { startTime: 25 });
console.log(mark instanceof PerformanceMark, mark.name, mark.startTime, mark.detail);
const measure = performance.measure('all', 'begin', 'end');
console.log(measure.name, measure.entryType, measure.startTime, measure.duration);
console.log(performance.measure('by options', { start: 1, duration: 4 }).toJSON());
console.log(performance.getEntriesByType('mark').map((e) => e.name), performance.getEntriesByName('all').length);
for (const wrong of [() => performance.measure('x', 'never'), () => performance.mark('x', { startTime: -1 }), () => new PerformanceObserver()]) {
  try { wrong(); } catch (e) { console.log(e.name, e.code); }
}
performance.clearMarks('begin');
console.log(performance.getEntriesByType('mark').map((e) => e.name));
const { idle, active, utilization } = performance.eventLoopUtilization();
console.log(idle, active, utilization, performance.nodeTiming.name, performance.now() < performance.nodeTiming.duration);

const observer = new PerformanceObserver((list, self) => {
  console.log(list.getEntries().map((e) => [e.entryType, e.name]));
  self.disconnect();
});
observer.observe({ entryTypes: ['measure', 'function'] });
const twice = performance.timerify(function double(n) { return n * 2; });
console.log(twice(4), twice.name, twice.length);
performance.measure('seen', { start: 0, end: 1 });

const h = createHistogram();
for (let i = 1; i <= 10; i++) h.record(i);
console.log(h.count, h.min, h.max, h.mean, h.percentile(50), h.maxBigInt);
try { h.record(0); } catch (e) { console.log(e.code); }
