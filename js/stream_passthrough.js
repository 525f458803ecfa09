/** The module "_stream_passthrough", an old name. */
module.exports = require('stream_transform').PassThrough;
