/** Whether this process is a worker of a cluster; see cluster_child.js for how its servers listen. */
const isWorker = Boolean(process.env.NODE_UNIQUE_ID);

module.exports = {
  isWorker,
  listen: (server, where, callback) => require('cluster_child').listen(server, where, callback),
};
