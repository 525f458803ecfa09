/** What this thread is: main or a worker's, its number, its data and the port to its parent. */
module.exports = binding;
