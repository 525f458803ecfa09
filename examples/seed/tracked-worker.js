var SuperCluster = require('supercluster');
var config = {
  tracker: { addr: 'tracker.mynet.com' }
};
var tracker = SuperCluster.createWorker(config);
