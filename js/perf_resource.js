/** PerformanceResourceTiming: https://w3c.github.io/resource-timing/ */
const { codes } = require('errors');
const { PerformanceEntry, kMake } = require('perf_timeline');
const { validateString } = require('validators');

class PerformanceResourceTiming extends PerformanceEntry {
  #info; #initiator; #body; #status; #delivery; #cache;

  constructor(token, given) {
    if (token !== kMake) throw new codes.ERR_ILLEGAL_CONSTRUCTOR();
    const { info, url, initiator, cache, body, status, delivery } = given;
    super(kMake, url, 'resource', info.startTime, info.endTime - info.startTime);
    this.#info = info;
    this.#initiator = initiator;
    this.#cache = cache;
    this.#body = body;
    this.#status = status;
    this.#delivery = delivery;
  }

  get initiatorType() { return this.#initiator; }
  get nextHopProtocol() { return this.#info.finalConnectionTimingInfo?.ALPNNegotiatedProtocol; }
  get workerStart() { return this.#info.finalServiceWorkerStartTime; }
  get redirectStart() { return this.#info.redirectStartTime; }
  get redirectEnd() { return this.#info.redirectEndTime; }
  get fetchStart() { return this.#info.postRedirectStartTime; }
  get domainLookupStart() { return this.#info.finalConnectionTimingInfo?.domainLookupStartTime; }
  get domainLookupEnd() { return this.#info.finalConnectionTimingInfo?.domainLookupEndTime; }
  get connectStart() { return this.#info.finalConnectionTimingInfo?.connectionStartTime; }
  get connectEnd() { return this.#info.finalConnectionTimingInfo?.connectionEndTime; }
  get secureConnectionStart() { return this.#info.finalConnectionTimingInfo?.secureConnectionStartTime; }
  get requestStart() { return this.#info.finalNetworkRequestStartTime; }
  get responseStart() { return this.#info.finalNetworkResponseStartTime; }
  get responseEnd() { return this.#info.endTime; }
  get encodedBodySize() { return this.#info.encodedBodySize; }
  get decodedBodySize() { return this.#info.decodedBodySize; }
  get transferSize() { return this.#cache === 'local' ? 0 : this.#cache === 'validated' ? 300 : this.#info.encodedBodySize + 300; }
  get deliveryType() { return this.#delivery; }
  get responseStatus() { return this.#status; }

  toJSON() {
    const own = Object.getOwnPropertyNames(PerformanceResourceTiming.prototype).filter((name) => name !== 'constructor' && name !== 'toJSON');
    return { ...super.toJSON(), ...Object.fromEntries(own.map((name) => [name, this[name]])) };
  }
}
for (const name of Object.getOwnPropertyNames(PerformanceResourceTiming.prototype)) {
  if (name !== 'constructor') Object.defineProperty(PerformanceResourceTiming.prototype, name, { enumerable: true });
}
Object.defineProperty(PerformanceResourceTiming.prototype, Symbol.toStringTag, { value: 'PerformanceResourceTiming', configurable: true });

/** The entry of a request that has ended. */
function make(info, url, initiator, global, cache, body, status, delivery = '') {
  if (info === null || typeof info !== 'object') throw new codes.ERR_INVALID_ARG_TYPE('timingInfo', 'Object', info);
  validateString(url, 'requestedUrl');
  validateString(initiator, 'initiatorType');
  return new PerformanceResourceTiming(kMake, { info, url, initiator, cache, body, status, delivery });
}

module.exports = { PerformanceResourceTiming, make };
