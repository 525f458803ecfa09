var SuperCluster = require('supercluster');
var config = {
  tracker: { addr: 'tracker.mynet.com' }
};
var master = SuperCluster.createMaster(config);
var f = function() { return 1+1; };
// send task to any available worker
master.sendTaskTo(undefined, f, function(err, data) {
  if (err) { /* handle error */ }
  console.log('1+1=', data);
});
