/** The module "util/types". */
module.exports = require('types').types;
