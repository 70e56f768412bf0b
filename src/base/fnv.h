/* FNV-1a, 64 bits (draft-eastlake-fnv): a number that stands for bytes. Not against attackers, who
 * can make other bytes with the same number. */
#ifndef PGCOCO_BASE_FNV_H
#define PGCOCO_BASE_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_BEGIN UINT64_C(0xcbf29ce484222325)

static inline uint64_t fnv_byte(uint64_t hash, unsigned char byte) {
    return (hash ^ byte) * UINT64_C(0x100000001b3);
}

/* Returns the hash of what was hashed before, or FNV_BEGIN, followed by these bytes. */
static inline uint64_t fnv_bytes(uint64_t hash, const void *bytes, size_t len) {
    const unsigned char *at = bytes;
    for (size_t i = 0; i < len; i++) hash = fnv_byte(hash, at[i]);
    return hash;
}

#endif
