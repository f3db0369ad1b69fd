// Transactions, pessimistic and optimistic; write batches with an index. Part of the contract: bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"
