// What databases share: caches, rate limiter, write-buffer manager, SST file manager. Part of the contract: bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"
