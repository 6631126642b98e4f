#pragma once

#include <stddef.h>

/* Starts fresh memory at a page of its own and makes sure `headroom` bytes of it are there. */
void memory_seal(size_t headroom);
