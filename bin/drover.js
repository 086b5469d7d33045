#!/usr/bin/env -S node --
require("../dist/programs/drover.cjs");
