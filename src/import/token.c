/* Makes and checks names of imports: see token.h. */
#include "import/token.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum {
    RANDOM_BYTES = 8
};

bool token_is_valid(const char *text) {
    size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    return len > 0 && len <= TOKEN_MAX && text[len] == '\0';
}

bool token_make(char *into, struct err *err) {
    unsigned char random[RANDOM_BYTES];
    if (getrandom(random, sizeof random, 0) != sizeof random) {
        return err_set(err, ERR_INTERNAL, "the system provides no random numbers");
    }
    for (size_t i = 0; i < sizeof random; i++) snprintf(into + 2 * i, 3, "%02x", random[i]);
    return true;
}
