// Statistics, perf context, properties, memory usage. Part of the contract: bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"
