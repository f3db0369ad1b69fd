// Functions of the host: listeners, loggers, the WAL filter. Part of the contract: bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"
