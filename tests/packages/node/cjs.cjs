const { trainAll } = require('./train.cjs');

trainAll().then(console.log);
