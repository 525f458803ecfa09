/** The deprecated module "constants": those of fs and os together. */
const os = require('os');

module.exports = { ...os.constants.errno, ...os.constants.signals, ...os.constants.priority, ...require('fs').constants };
