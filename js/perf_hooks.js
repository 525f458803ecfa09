/** The module "perf_hooks". */
const { performance, Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, timerify, eventLoopUtilization } = require('perf_timeline');

module.exports = { Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, performance, timerify, eventLoopUtilization };
const late = (file, names) => {
  for (const name of names) Object.defineProperty(module.exports, name, { enumerable: true, configurable: true, get: () => require(file)[name] });
};
late('perf_observer', ['PerformanceObserver', 'PerformanceObserverEntryList']);
late('perf_resource', ['PerformanceResourceTiming']);
late('perf_histogram', ['createHistogram', 'monitorEventLoopDelay']);

/** What kinds of garbage collection there are, in entries of type gc: the engine tells of none. */
module.exports.constants = Object.freeze({
  NODE_PERFORMANCE_GC_MAJOR: 4, NODE_PERFORMANCE_GC_MINOR: 1, NODE_PERFORMANCE_GC_INCREMENTAL: 8, NODE_PERFORMANCE_GC_WEAKCB: 16,
  NODE_PERFORMANCE_GC_FLAGS_NO: 0, NODE_PERFORMANCE_GC_FLAGS_CONSTRUCT_RETAINED: 2, NODE_PERFORMANCE_GC_FLAGS_FORCED: 4,
  NODE_PERFORMANCE_GC_FLAGS_SYNCHRONOUS_PHANTOM_PROCESSING: 8, NODE_PERFORMANCE_GC_FLAGS_ALL_AVAILABLE_GARBAGE: 16,
  NODE_PERFORMANCE_GC_FLAGS_ALL_EXTERNAL_MEMORY: 32, NODE_PERFORMANCE_GC_FLAGS_SCHEDULE_IDLE: 64,
});
