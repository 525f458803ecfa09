/** The native processes and channels; see the functions' comments on the native side. */
module.exports = binding;
