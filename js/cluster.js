/** The module "cluster": in a worker of one its half, in any other process the primary's. */
module.exports = require('cluster_role').isWorker ? require('cluster_child') : require('cluster_primary');
