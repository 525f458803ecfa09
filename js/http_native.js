/** The native parser of HTTP; see the functions' comments on the native side. */
module.exports = binding;
