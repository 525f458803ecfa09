/** The module "stream/promises". */
module.exports = {
  finished: require('stream_finished').finishedPromise,
  pipeline: require('stream_pipeline').pipelinePromise,
};
