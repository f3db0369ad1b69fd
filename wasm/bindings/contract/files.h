// Checkpoints, SST files, ingestion, export and import, compaction of files, live files. Part of the contract: bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"
