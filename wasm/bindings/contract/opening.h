// Secondary, follower, TTL; OPTIONS files. Part of the contract: bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"
