// Functions of the host: comparators, merge operators, compaction filters, slice transforms. Part of the contract: bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"
