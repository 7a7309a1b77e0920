#!/usr/bin/env node
import { runCommand } from './command';

void runCommand(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  terminal: process.stderr.isTTY === true,
}).then((code) => {
  process.exitCode = code;
});
