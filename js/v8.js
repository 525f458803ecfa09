/**
 * The module "v8". Its serialization is V8's, byte for byte where scripts can tell; the figures of the heap are those of
 * this process, whose engine is not V8; what only V8 could do throws ERR_FEATURE_UNAVAILABLE_ON_PLATFORM.
 */
const { Buffer } = require('buffer');
const { validateString } = require('validators');
const { coded, hostViews, viewClass, BUFFER } = require('v8_format');
const { Serializer } = require('v8_writer');
const { Deserializer } = require('v8_reader');

/** Writes typed arrays, Buffers and DataViews by their bytes alone, without the rest of their ArrayBuffer. */
class DefaultSerializer extends Serializer {
  constructor() {
    super();
    this._setTreatArrayBufferViewsAsHostObjects(true);
  }

  _writeHostObject(view) {
    this.writeUint32(Buffer.isBuffer(view) ? BUFFER : hostViews.indexOf(viewClass(view)));
    this.writeUint32(view.byteLength);
    this.writeRawBytes(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  }
}

/** Reads what a DefaultSerializer wrote; a view has the memory of the input where its alignment allows it. */
class DefaultDeserializer extends Deserializer {
  _readHostObject() {
    const kind = this.readUint32();
    const size = this.readUint32();
    const from = this._readRawBytes(size);
    let { buffer } = this.buffer;
    let offset = this.buffer.byteOffset + from;
    if (kind === BUFFER) return Buffer.from(buffer, offset, size);
    const Class = hostViews[kind];
    if (Class === undefined) throw new Error('Unable to deserialize cloned data.');
    const width = Class.BYTES_PER_ELEMENT ?? 1;
    if (offset % width !== 0) {
      buffer = buffer.slice(offset, offset + size);
      offset = 0;
    }
    return new Class(buffer, offset, Math.floor(size / width));
  }
}

/** @returns {Buffer} */
function serialize(value) {
  const out = new DefaultSerializer();
  out.writeHeader();
  out.writeValue(value);
  return out.releaseBuffer();
}

/** @param {NodeJS.ArrayBufferView} buffer */
function deserialize(buffer) {
  const from = new DefaultDeserializer(buffer);
  from.readHeader();
  return from.readValue();
}

/** The process's heap, in bytes: Go's, which holds the script's objects. What the engine does not have is 0. */
function getHeapStatistics() {
  const [used, total, limit, other, resident] = binding.heap();
  return {
    total_heap_size: total, total_heap_size_executable: 0, total_physical_size: Math.min(resident, total), total_available_size: Math.max(0, limit - used),
    used_heap_size: used, heap_size_limit: limit, malloced_memory: other, peak_malloced_memory: other, does_zap_garbage: 0,
    number_of_native_contexts: 1, number_of_detached_contexts: 0, total_global_handles_size: 0, used_global_handles_size: 0, external_memory: 0,
  };
}

/** One space: there is one heap, and no generations. */
function getHeapSpaceStatistics() {
  const [used, total, , , resident] = binding.heap();
  return [{
    space_name: 'go_heap', space_size: total, space_used_size: used, space_available_size: Math.max(0, total - used),
    physical_space_size: Math.min(resident, total),
  }];
}

/** Checks its argument; the flags of V8 mean nothing to another engine, so they have no effect. */
function setFlagsFromString(flags) { validateString(flags, 'flags'); }

/** A number that changes with the version of the program: data cached by another is of no use. */
function cachedDataVersionTag() {
  let hash = 0x811c9dc5;
  for (const c of `${process.versions.sc} ${process.arch}`) hash = Math.imul(hash ^ c.codePointAt(0), 0x01000193) >>> 0;
  return hash;
}

/** A function, or a class, that only V8 could offer. */
const unavailable = (name) => function absent() {
  throw coded(Error, 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', `v8.${name} is not available in sc, whose engine is not V8; run the script with node for it`);
};

const { process } = globalThis;
/** Node's own does nothing either without NODE_V8_COVERAGE, which names the folder. */
const coverage = (name) => () => {
  if (process.env.NODE_V8_COVERAGE) unavailable(name)();
};

function notBuilding() {
  throw coded(Error, 'ERR_NOT_BUILDING_SNAPSHOT', 'Operation cannot be invoked when not building startup snapshot');
}

module.exports = {
  cachedDataVersionTag, getHeapSnapshot: unavailable('getHeapSnapshot'), getHeapStatistics, getHeapSpaceStatistics,
  getHeapCodeStatistics: unavailable('getHeapCodeStatistics'), setFlagsFromString, Serializer, Deserializer, DefaultSerializer,
  DefaultDeserializer, deserialize, takeCoverage: coverage('takeCoverage'), stopCoverage: coverage('stopCoverage'), serialize,
  writeHeapSnapshot: unavailable('writeHeapSnapshot'),
  promiseHooks: Object.fromEntries(['createHook', 'onInit', 'onBefore', 'onAfter', 'onSettled'].map((name) => [name, unavailable(`promiseHooks.${name}`)])),
  queryObjects: unavailable('queryObjects'),
  startupSnapshot: {
    addDeserializeCallback: notBuilding, addSerializeCallback: notBuilding, setDeserializeMainFunction: notBuilding, isBuildingSnapshot: () => false,
  },
  setHeapSnapshotNearHeapLimit: unavailable('setHeapSnapshotNearHeapLimit'), GCProfiler: unavailable('GCProfiler'),
};
