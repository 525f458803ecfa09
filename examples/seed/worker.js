var nnet = require('nnet');
var worker = nnet.createWorker();
