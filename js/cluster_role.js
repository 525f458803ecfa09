/** Whether this process is a worker of a cluster; see cluster_child.js for how its servers listen. */
const process = require('process');
const isWorker = Boolean(process.env.NODE_UNIQUE_ID) && typeof process.send === 'function';

module.exports = {
  isWorker,
  listen: (server, where, callback) => require('cluster_child').listen(server, where, callback),
  share: (socket, where, callback) => require('cluster_child').share(socket, where, callback),
};
