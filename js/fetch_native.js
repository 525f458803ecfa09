/** The native client of fetch; see the functions' comments on the native side. */
module.exports = binding;
