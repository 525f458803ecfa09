module.exports = { level: 7 };
