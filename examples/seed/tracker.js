var SuperCluster = require('supercluster');
// tracker listening on port 44201 bound to INADDR_ANY (the defaults)
var tracker = SuperCluster.createTracker();
