var master = require('nnet').createMaster();
master.on('workerAvailable', function(worker) {
  master.sendTo(worker, function() { console.log('Hello World'); });
});
