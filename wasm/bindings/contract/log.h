// The write-ahead log. Part of the contract: bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"
