// Reads beyond get: wide columns, several column families, sizes, key versions. Part of the contract: bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"
