/** Native UDP sockets; see the functions' comments on the native side. */
module.exports = binding;
