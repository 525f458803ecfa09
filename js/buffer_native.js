/**
 * The native half of Buffer, binding, as vm/buffer.go describes it. Each function returns undefined, and has done
 * nothing, for arguments that are not plain; then the callers do it in JavaScript, with node's errors.
 */
module.exports = binding;
