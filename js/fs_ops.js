/** All operations of fs, by name; each a generator function, see fs.js. */
module.exports = { ...require('fs_ops_files'), ...require('fs_ops_paths'), ...require('fs_ops_trees') };
