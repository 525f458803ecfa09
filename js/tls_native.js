/** Native TLS; see the functions' comments on the native side. */
module.exports = binding;
