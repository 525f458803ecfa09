/** The module "_stream_transform", an old name. */
module.exports = require('stream_transform').Transform;
